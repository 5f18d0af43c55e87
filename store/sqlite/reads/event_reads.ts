/**
 * Reads the event log for clients. An index finds a bounded number of events, and the other filters
 * choose among them.
 * @module
 */
import { clientEvent, type SentEvent, streamedText } from "../../../events/client_events.ts";
import type { EventFilter } from "../../../events/event_log.ts";
import type { EventPage, EventPart, MissedUpdate, Part, UpdatePage } from "../../pages.ts";
import { type Database, type Row, type Value, Where } from "../database.ts";
import { EVENT_COLUMNS, storedEvent } from "../rows/event_doc.ts";
import { PART_BYTES, PartText, WINDOW_ROWS } from "./part.ts";
import { WITHIN, withinValues } from "../rows/within.ts";

/** The reads of the event log. */
export const eventReads = {
  /** Events in the form of the stream and the inbox. */
  events(database: Database, { afterId, filter, limit, form }: EventPage): Part<number> {
    const part = new PartText<number>(limit, form === "json" ? "," : "");
    const window = windowOf(database, afterId, filter, limit + 1);
    for (const row of rowsOf(database, EVENT_COLUMNS, window, filter, limit + 1)) {
      if (part.isOver) break;
      const event = storedEvent(row);
      const text = form === "json"
        ? () => JSON.stringify(clientEvent(event))
        : () => streamedText(event);
      part.add(event.id, text);
    }
    return part.done(window.ids.at(-1) ?? afterId, window.isLast);
  },

  /** Events as objects, of which each is encrypted. */
  sentEvents(
    database: Database,
    page: Omit<EventPage, "form">,
  ): EventPart<SentEvent> {
    return eventPart(database, EVENT_COLUMNS, page, (row) => clientEvent(storedEvent(row)));
  },

  /** What a client's socket is told. */
  updates(
    database: Database,
    { afterId, clientId, types, bounds, limit }: UpdatePage,
  ): EventPart<MissedUpdate> {
    const page = { afterId, filter: { clientId, types, bounds }, limit };
    return eventPart(database, "id, at, type, contract_id, data", page, (row) => {
      // The parties are not told: each of them has its own socket.
      const { parties: _, ...data } = JSON.parse(String(row["data"]));
      return {
        id: Number(row["id"]),
        at: new Date(Number(row["at"])),
        type: String(row["type"]),
        contractId: String(row["contract_id"]),
        data,
      };
    });
  },
};

function eventPart<Event extends { readonly id: number }>(
  database: Database,
  columns: string,
  { afterId, filter, limit }: Omit<EventPage, "form">,
  eventOf: (row: Row) => Event,
): EventPart<Event> {
  const window = windowOf(database, afterId, filter, limit);
  const rows = rowsOf(database, columns, window, filter, limit);
  const events: Event[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (bytes >= PART_BYTES) break;
    bytes += String(row["data"]).length;
    events.push(eventOf(row));
  }
  if (events.length < rows.length || rows.length === limit) {
    return { events, seen: events.at(-1)?.id ?? afterId, isLast: false };
  }
  return { events, seen: window.ids.at(-1) ?? afterId, isLast: window.isLast };
}

/** The events that an index finds, oldest first. */
interface Window {
  readonly ids: readonly number[];
  /** Whether the index had no more. */
  readonly isLast: boolean;
}

function windowOf(
  database: Database,
  afterId: number,
  filter: EventFilter,
  limit: number,
): Window {
  const rows = Math.max(limit, WINDOW_ROWS);
  const [sql, values] = indexOf(database, afterId, filter);
  const ids = database.all(`${sql} LIMIT ?`, ...values, rows).map((row) => Number(row["id"]));
  return { ids, isLast: ids.length < rows };
}

/** The events of the narrowest filter. */
function indexOf(
  database: Database,
  afterId: number,
  { callId, contractId, clientId }: EventFilter,
): [sql: string, values: Value[]] {
  if (callId !== undefined) {
    const seq = seqOf(database, callId, afterId);
    const sql = "SELECT id FROM events WHERE call_id = ? AND call_seq > ? ORDER BY call_seq";
    return [sql, [callId, seq]];
  }
  if (contractId !== undefined) {
    const sql = "SELECT id FROM events WHERE contract_id = ? AND id > ? ORDER BY id";
    return [sql, [contractId, afterId]];
  }
  if (clientId !== undefined) {
    const sql = `SELECT event_id AS id FROM audience WHERE phone_number = ? AND event_id > ?
      UNION ALL SELECT id FROM events WHERE to_everyone = 1 AND id > ? ORDER BY id`;
    return [sql, [clientId, afterId, afterId]];
  }
  return ["SELECT id FROM events WHERE id > ? ORDER BY id", [afterId]];
}

/**
 * The number of a call's last event up to this id. The numbers have no gaps and grow with the ids, so
 * it takes a few steps in a record of any length.
 */
function seqOf(database: Database, callId: string, id: number): number {
  const last = database.get("SELECT MAX(call_seq) AS seq FROM events WHERE call_id = ?", callId);
  let [low, high] = [0, Number(last?.["seq"] ?? 0)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const row = database.get(
      "SELECT id FROM events WHERE call_id = ? AND call_seq = ?",
      callId,
      middle,
    );
    if (Number(row?.["id"]) <= id) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The events of a window that pass all filters. */
function rowsOf(
  database: Database,
  columns: string,
  { ids }: Window,
  { types, callId, contractId, clientId, bounds }: EventFilter,
  limit: number,
) {
  const conditions: (readonly [condition: string, value: Value | undefined])[] = [
    ["id IN (SELECT value FROM json_each(?))", JSON.stringify(ids)],
    ["type IN (SELECT value FROM json_each(?))", types && JSON.stringify(types)],
    // The ids come from an index already: another one would only undo their order.
    ["+call_id = ?", callId],
    ["+contract_id = ?", contractId],
    [
      `contract_id IS NOT NULL AND (to_everyone = 1 OR EXISTS (SELECT 1 FROM parties
        WHERE phone_number = ? AND parties.contract_id = events.contract_id))`,
      clientId,
    ],
  ];
  const where = new Where();
  for (const [condition, value] of conditions) where.and(condition, value);
  if (bounds !== undefined) where.and(WITHIN, ...withinValues(bounds));
  return database.all(
    `SELECT ${columns} FROM events ${where.sql} ORDER BY id LIMIT ?`,
    ...where.values,
    limit,
  );
}
