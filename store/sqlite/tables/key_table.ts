/**
 * Keys in SQLite.
 * @module
 */
import type { KeyAuthor, KeyRecord, KeyStore, KeyUse } from "../../../access/store.ts";
import type { Database } from "../database.ts";
import { toKey, toKeyRow } from "../rows/key_doc.ts";
import type { Writer } from "../writer.ts";

/** Reads over its own connection and writes through the one writer. */
export class KeyTable implements KeyStore {
  readonly #reader: Database;
  readonly #writer: Writer;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  all(): Promise<readonly KeyRecord[]> {
    const rows = this.#reader.all("SELECT * FROM keys ORDER BY created_at DESC, rowid DESC");
    return Promise.resolve(rows.map(toKey));
  }

  create(key: KeyRecord, by: KeyAuthor): Promise<boolean> {
    const input = { key: toKeyRow(key), hash: key.hash, by: byInput(by) };
    return this.#writer.write("createKey", input);
  }

  revoke(id: string, by: KeyAuthor): Promise<void> {
    return this.#writer.write("revokeKey", { id, by: byInput(by) });
  }

  used(uses: readonly KeyUse[]): Promise<void> {
    const times = uses.map(({ id, at }) => ({ id, at: at.getTime() }));
    return this.#writer.write("usedKeys", { uses: times });
  }
}

function byInput({ actor, at }: KeyAuthor): { actor: string; at: number } {
  return { actor, at: at.getTime() };
}
