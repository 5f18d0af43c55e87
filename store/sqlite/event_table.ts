/**
 * The event log in SQLite.
 * @module
 */
import type { CallEnds, EventFilter, EventLog, StoredEvent } from "../../events/event_log.ts";
import { type Database, type Row, Where } from "./database.ts";
import { WITHIN, withinValues } from "./within.ts";

/** A call's numbers and a contract's parties never change, so they hold for old events too. */
const SELECT = `SELECT *,
  CASE WHEN type IN ('started', 'ended') THEN (
    SELECT json_extract(doc, '$.line', '$.from', '$.to') FROM calls WHERE calls.id = events.call_id
  ) END AS call,
  (SELECT doc -> 'parties' FROM contracts WHERE contracts.id = events.contract_id) AS parties
  FROM events`;

/** Reads the log. */
export class EventTable implements EventLog {
  readonly #reader: Database;

  constructor(reader: Database) {
    this.#reader = reader;
  }

  after(id: number, filter: EventFilter, limit: number): Promise<readonly StoredEvent[]> {
    const { types, callId, contractId, clientId, bounds } = filter;
    const where = new Where().and("id > ?", id)
      .and("type IN (SELECT value FROM json_each(?))", types && JSON.stringify(types))
      .and("call_id = ?", callId)
      .and("contract_id = ?", contractId)
      .and(
        `contract_id IS NOT NULL AND (to_everyone = 1 OR contract_id IN
          (SELECT contract_id FROM parties WHERE phone_number = ?))`,
        clientId,
      );
    if (bounds !== undefined) where.and(WITHIN, ...withinValues(bounds));
    const sql = `${SELECT} ${where.sql} ORDER BY id LIMIT ?`;
    const rows = this.#reader.all(sql, ...where.values, limit);
    return Promise.resolve(rows.map(fromRow));
  }

  lastId(): Promise<number> {
    const row = this.#reader.get("SELECT MAX(id) AS id FROM events");
    return Promise.resolve(Number(row?.["id"] ?? 0));
  }
}

function fromRow(row: Row): StoredEvent {
  return {
    id: Number(row["id"]),
    at: new Date(Number(row["at"])),
    type: String(row["type"]),
    actor: String(row["actor"]),
    callId: row["call_id"] as string | null,
    callSeq: row["call_seq"] as number | null,
    contractId: row["contract_id"] as string | null,
    toEveryone: row["to_everyone"] === 1,
    data: JSON.parse(String(row["data"])),
    call: callEnds(row["call"]),
    parties: typeof row["parties"] === "string" ? JSON.parse(row["parties"]) : null,
  };
}

function callEnds(text: unknown): CallEnds | null {
  if (typeof text !== "string") return null;
  const [line, from, to] = JSON.parse(text);
  return { line, from, to };
}
