/**
 * The public keys of clients in SQLite.
 * @module
 */
import type { ClientKey, ClientKeyStore } from "../../../encryption/client_key.ts";
import type { Database } from "../database.ts";
import type { Writer } from "../writer.ts";

/** Reads over its own connection and writes through the one writer. */
export class ClientKeyTable implements ClientKeyStore {
  readonly #reader: Database;
  readonly #writer: Writer;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  all(): Promise<readonly ClientKey[]> {
    const rows = this.#reader.all("SELECT * FROM client_keys ORDER BY client_id");
    return Promise.resolve(rows.map((row) => {
      const registeredAt = new Date(Number(row["registered_at"]));
      return {
        clientId: String(row["client_id"]),
        ...JSON.parse(String(row["doc"])),
        registeredAt,
      };
    }));
  }

  put({ registeredAt, ...key }: ClientKey, actor: string): Promise<void> {
    const row = { ...key, registeredAt: registeredAt.getTime() };
    return this.#writer.write("putClientKey", { key: row, actor });
  }

  remove(clientId: string, at: Date, actor: string): Promise<boolean> {
    return this.#writer.write("removeClientKey", { clientId, at: at.getTime(), actor });
  }
}
