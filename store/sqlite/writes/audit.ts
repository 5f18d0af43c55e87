/**
 * The audit trail: who changed what. Each entry holds the hash of the one before, so a later change
 * or removal shows.
 * @module
 */
import { createHash } from "node:crypto";
import { type Database, type Row, storable } from "../database.ts";

/** One entry before it is chained; `before` and `after` are JSON text. */
export interface AuditInput {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  /** What was changed: `contract AG-261121-3FA9C1`. */
  readonly subject: string;
  readonly before: string | null;
  readonly after: string;
}

/** The hash before the first entry. */
export const FIRST_HASH = "0".repeat(64);

/** Adds an entry to the end of the chain, within the caller's transaction. */
export function appendAudit(database: Database, entry: AuditInput): void {
  const last = database.get("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1");
  const id = Number(last?.["id"] ?? 0) + 1;
  const previousHash = String(last?.["hash"] ?? FIRST_HASH);
  database.run(
    `INSERT INTO audit (id, at, actor, action, subject, before, after, previous_hash, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    entry.at,
    entry.actor,
    entry.action,
    entry.subject,
    entry.before,
    entry.after,
    previousHash,
    hashOf(id, entry, previousHash),
  );
}

/** The result of walking the chain. */
export interface AuditVerdict {
  readonly entries: number;
  /** The first entry that does not fit, and why; undefined when all fit. */
  readonly fault?: string;
  /** The last hash. Note it down elsewhere to detect a truncated chain as well. */
  readonly lastHash: string;
}

/** Walks the chain from its beginning. */
export function verifyAudit(database: Database): AuditVerdict {
  let entries = 0;
  let lastHash = FIRST_HASH;
  for (let page = readPage(database, 0); page.length > 0; page = readPage(database, entries)) {
    for (const row of page) {
      const id = Number(row["id"]);
      if (id !== entries + 1) {
        return { entries, lastHash, fault: `entry ${entries + 1} is missing` };
      }
      const fault = faultOf(row, lastHash);
      if (fault !== undefined) return { entries, lastHash, fault: `entry ${id}: ${fault}` };
      lastHash = String(row["hash"]);
      entries = id;
    }
  }
  return { entries, lastHash };
}

const PAGE = 1000;

function readPage(database: Database, afterId: number): Row[] {
  return database.all("SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?", afterId, PAGE);
}

function faultOf(row: Row, previousHash: string): string | undefined {
  if (row["previous_hash"] !== previousHash) return "it is not chained to the one before";
  const entry: AuditInput = {
    at: Number(row["at"]),
    actor: String(row["actor"]),
    action: String(row["action"]),
    subject: String(row["subject"]),
    before: row["before"] as string | null,
    after: String(row["after"]),
  };
  const hash = hashOf(Number(row["id"]), entry, previousHash);
  return hash === row["hash"] ? undefined : "it was changed after it was written";
}

function hashOf(id: number, entry: AuditInput, previousHash: string): string {
  const { at, actor, action, subject, before, after } = entry;
  const texts = [actor, action, subject, before, after];
  // As SQLite will give them back.
  const stored = texts.map((text) => text === null ? null : storable(text));
  const content = JSON.stringify([id, at, ...stored, previousHash]);
  return createHash("sha256").update(content).digest("hex");
}
