/**
 * The record in the database, read without the server.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { Json } from "./logs.ts";

/** An event of a call. */
export interface RecordedEvent {
  readonly id: number;
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly data: Json;
}

/** A call and all its events, by their numbers. */
export interface RecordedCall {
  readonly id: string;
  readonly line: string;
  readonly platformId: string;
  readonly state: string;
  readonly open: boolean;
  readonly doc: Json;
  readonly events: readonly RecordedEvent[];
}

/** An event of a contract or a payment; the notifications door sends some of them. */
export interface RecordedContractEvent {
  readonly id: number;
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly contractId: string;
  readonly toEveryone: boolean;
  readonly data: Json;
}

/** A contract or a payment. */
export interface RecordedDeal {
  readonly id: string;
  readonly doc: Json;
}

/** An entry of the audit trail. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Everything in the database that the load created. */
export interface DatabaseRecord {
  readonly calls: readonly RecordedCall[];
  readonly news: readonly RecordedContractEvent[];
  readonly contracts: readonly RecordedDeal[];
  readonly payments: readonly RecordedDeal[];
  readonly audit: readonly AuditRow[];
  /** The result of SQLite's integrity check: `ok`. */
  readonly integrity: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads a database, whether or not a server has it open. */
export function readRecord(path: string): DatabaseRecord {
  using database = new DatabaseSync(path, { readOnly: true });
  const all = (sql: string) => database.prepare(sql).all() as Row[];
  // One transaction for all reads.
  database.exec("BEGIN");
  const record = {
    calls: readCalls(all("SELECT * FROM calls ORDER BY started_at, id"), callEvents(all)),
    news: all("SELECT * FROM events WHERE contract_id IS NOT NULL ORDER BY id").map(
      toContractEvent,
    ),
    contracts: all("SELECT id, doc FROM contracts ORDER BY rowid").map(toDeal),
    payments: all("SELECT id, doc FROM payments ORDER BY rowid").map(toDeal),
    audit: all("SELECT * FROM audit ORDER BY id").map(toAudit),
    integrity: String(all("PRAGMA integrity_check")[0]?.["integrity_check"]),
  };
  database.exec("COMMIT");
  return record;
}

/** The number of calls in progress. */
export function openCalls(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT COUNT(*) AS count FROM calls WHERE open = 1").get();
  return Number(row?.["count"]);
}

/** A call with a gap in its numbers, if any: cheap enough for every kill. */
export function firstGap(path: string): string | undefined {
  using database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare(
    `SELECT call_id, COUNT(*) AS count, MAX(call_seq) AS last FROM events
     WHERE call_id IS NOT NULL GROUP BY call_id HAVING count <> last LIMIT 1`,
  ).get();
  if (row === undefined) return undefined;
  return `call ${row["call_id"]}: ${row["count"]} events up to number ${row["last"]}`;
}

function callEvents(all: (sql: string) => Row[]): Map<string, RecordedEvent[]> {
  const rows = all("SELECT * FROM events WHERE call_id IS NOT NULL ORDER BY call_id, call_seq, id");
  const events = new Map<string, RecordedEvent[]>();
  for (const row of rows) {
    const callId = String(row["call_id"]);
    const mine = events.get(callId) ?? [];
    events.set(callId, mine);
    mine.push({
      id: Number(row["id"]),
      seq: Number(row["call_seq"]),
      at: Number(row["at"]),
      type: String(row["type"]),
      actor: String(row["actor"]),
      data: JSON.parse(String(row["data"])),
    });
  }
  return events;
}

function readCalls(rows: readonly Row[], events: Map<string, RecordedEvent[]>): RecordedCall[] {
  return rows.map((row) => ({
    id: String(row["id"]),
    line: String(row["line"]),
    platformId: String(row["platform_id"]),
    state: String(row["state"]),
    open: row["open"] === 1,
    doc: JSON.parse(String(row["doc"])),
    events: events.get(String(row["id"])) ?? [],
  }));
}

function toContractEvent(row: Row): RecordedContractEvent {
  return {
    id: Number(row["id"]),
    at: Number(row["at"]),
    type: String(row["type"]),
    actor: String(row["actor"]),
    contractId: String(row["contract_id"]),
    toEveryone: row["to_everyone"] === 1,
    data: JSON.parse(String(row["data"])),
  };
}

function toDeal(row: Row): RecordedDeal {
  return { id: String(row["id"]), doc: JSON.parse(String(row["doc"])) };
}

function toAudit(row: Row): AuditRow {
  return {
    id: Number(row["id"]),
    at: Number(row["at"]),
    actor: String(row["actor"]),
    action: String(row["action"]),
    subject: String(row["subject"]),
    before: row["before"] as string | null,
    after: String(row["after"]),
    previousHash: String(row["previous_hash"]),
    hash: String(row["hash"]),
  };
}
