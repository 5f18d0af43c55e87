/**
 * Writes keys. Their hashes stay out of the audit trail.
 * @module
 */
import { appendAudit } from "./audit.ts";
import type { Database } from "../database.ts";
import { keyFromRow, type KeyRow } from "../rows/key_doc.ts";

interface By {
  readonly actor: string;
  readonly at: number;
}

/** The writes of keys. */
export const keyWrites = {
  /** Inserts a key; false when there is one with its id. */
  createKey(
    database: Database,
    { key, hash, by }: { key: KeyRow; hash: Uint8Array; by: By },
  ): boolean {
    const { changes } = database.run(
      "INSERT OR IGNORE INTO keys (id, created_at, hash, doc) VALUES (?, ?, ?, ?)",
      key.id,
      key.createdAt,
      hash,
      JSON.stringify(key),
    );
    if (changes === 0) return false;
    audit(database, by, "key_created", null, key);
    return true;
  },

  /** Marks a key as revoked. */
  revokeKey(database: Database, { id, by }: { id: string; by: By }): void {
    const row = database.get("SELECT * FROM keys WHERE id = ?", id);
    if (row === undefined || row["revoked_at"] !== null) return;
    const before = keyFromRow(row);
    database.run("UPDATE keys SET revoked_at = ? WHERE id = ?", by.at, id);
    audit(database, by, "key_revoked", before, { ...before, revokedAt: by.at });
  },

  /** Notes when keys were last used. */
  usedKeys(database: Database, { uses }: { uses: readonly { id: string; at: number }[] }): void {
    for (const { id, at } of uses) {
      database.run("UPDATE keys SET last_used_at = ? WHERE id = ?", at, id);
    }
  },
};

function audit(
  database: Database,
  { actor, at }: By,
  action: string,
  before: KeyRow | null,
  after: KeyRow & { readonly revokedAt?: number },
): void {
  appendAudit(database, {
    at,
    actor,
    action,
    subject: `key ${after.id}`,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  });
}
