/**
 * Keys as JSON: times are milliseconds; the hash is in a column of its own.
 * @module
 */
import type { KeyRecord } from "../../../access/store.ts";
import type { Row } from "../database.ts";

/** A key as it is stored, without its hash and what changes. */
export type KeyRow = Pick<KeyRecord, "id" | "name" | "scopes" | "bounds"> & {
  readonly createdAt: number;
  readonly expiresAt: number | null;
};

/** Reads a key's document from its row. */
export function keyFromRow(row: Row): KeyRow {
  return JSON.parse(String(row["doc"]));
}

/** The document of a key. */
export function toKeyRow({ id, name, scopes, bounds, createdAt, expiresAt }: KeyRecord): KeyRow {
  return {
    id,
    name,
    scopes,
    bounds,
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
  };
}

/** The key of a row. */
export function toKey(row: Row): KeyRecord {
  const { createdAt, expiresAt, bounds, ...doc } = keyFromRow(row);
  return {
    ...doc,
    bounds,
    hash: row["hash"] as Uint8Array,
    createdAt: new Date(createdAt),
    expiresAt: dateOf(expiresAt),
    revokedAt: dateOf(row["revoked_at"]),
    lastUsedAt: dateOf(row["last_used_at"]),
  };
}

function dateOf(ms: unknown): Date | null {
  return ms === null || ms === undefined ? null : new Date(Number(ms));
}
