/**
 * The event log in SQLite.
 * @module
 */
import type { EventFilter, EventLog, StoredEvent } from "../../../events/event_log.ts";
import { type Database, Where } from "../database.ts";
import { EVENT_COLUMNS, storedEvent } from "../rows/event_doc.ts";
import { WITHIN, withinValues } from "../rows/within.ts";

const SELECT = `SELECT ${EVENT_COLUMNS} FROM events`;

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
    return Promise.resolve(rows.map(storedEvent));
  }

  lastId(): Promise<number> {
    const row = this.#reader.get("SELECT MAX(id) AS id FROM events");
    return Promise.resolve(Number(row?.["id"] ?? 0));
  }
}
