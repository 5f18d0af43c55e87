/**
 * Writes the public keys of clients.
 * @module
 */
import { appendAudit } from "./audit.ts";
import type { Database } from "../database.ts";

/** A key as it is stored. */
export interface ClientKeyRow {
  readonly clientId: string;
  readonly jwk: object;
  readonly thumbprint: string;
  readonly registeredAt: number;
}

/** The writes of clients' keys. */
export const clientKeyWrites = {
  /** Stores a client's key, in place of the one before. */
  putClientKey(database: Database, { key, actor }: { key: ClientKeyRow; actor: string }): void {
    const { clientId, jwk, thumbprint, registeredAt } = key;
    const before = docOf(database, clientId);
    const doc = JSON.stringify({ jwk, thumbprint });
    database.run(
      `INSERT INTO client_keys (client_id, registered_at, doc) VALUES (?, ?, ?)
       ON CONFLICT (client_id) DO UPDATE SET registered_at = excluded.registered_at,
         doc = excluded.doc`,
      clientId,
      registeredAt,
      doc,
    );
    const action = before === null ? "client_key_registered" : "client_key_replaced";
    audit(database, { clientId, at: registeredAt, actor, action, before, after: doc });
  },

  /** Removes a client's key; false when it has none. */
  removeClientKey(
    database: Database,
    { clientId, at, actor }: { clientId: string; at: number; actor: string },
  ): boolean {
    const before = docOf(database, clientId);
    if (before === null) return false;
    database.run("DELETE FROM client_keys WHERE client_id = ?", clientId);
    audit(database, { clientId, at, actor, action: "client_key_removed", before, after: "{}" });
    return true;
  },
};

function docOf(database: Database, clientId: string): string | null {
  const row = database.get("SELECT doc FROM client_keys WHERE client_id = ?", clientId);
  return row === undefined ? null : String(row["doc"]);
}

function audit(
  database: Database,
  { clientId, ...entry }: {
    readonly clientId: string;
    readonly at: number;
    readonly actor: string;
    readonly action: string;
    readonly before: string | null;
    readonly after: string;
  },
): void {
  appendAudit(database, { ...entry, subject: `key of client ${clientId}` });
}
