/**
 * Reads the records of calls for clients. A record's events are numbered without gaps, so a range of
 * numbers is a bounded number of rows.
 * @module
 */
import type { RecordEvent } from "../../../calls/call_record.ts";
import { transcriptLine } from "../../../calls/transcript_line.ts";
import { recordedEvent } from "../../../events/client_events.ts";
import type { EventPart, Part, RecordPage } from "../../pages.ts";
import { eventFromRow } from "../rows/call_doc.ts";
import type { Database, Row } from "../database.ts";
import { PART_BYTES, PartText } from "./part.ts";

/** How many events of a record one read looks at. */
const WINDOW_EVENTS = 2000;
/** The most events that a socket is told at once. */
const TOLD_EVENTS = 200;

/** What watchers hear of a record. */
const WATCHED = "('started', 'transcript', 'screening_ended', 'ended')";

/** The reads of records. */
export const recordReads = {
  /** All events, as REST shows them. */
  record(database: Database, { callId, afterSeq, limit }: RecordPage): Part<number> {
    const part = new PartText<number>(limit, ",");
    const ends = endsOf(database, callId);
    const window = windowOf(database, callId, afterSeq, "", limit + 1);
    for (const row of window.rows) {
      if (part.isOver) break;
      const event = eventFromRow(row);
      part.add(event.seq, () => JSON.stringify(recordedEvent(event, ends)));
    }
    return part.done(window.seen, window.isLast);
  },

  /** What was said. */
  transcript(database: Database, { callId, afterSeq, limit }: RecordPage): Part<number> {
    const part = new PartText<number>(limit, ",");
    const window = windowOf(database, callId, afterSeq, "AND type = 'transcript'", limit + 1);
    for (const row of window.rows) {
      if (part.isOver) break;
      const event = eventFromRow(row) as RecordEvent & { type: "transcript" };
      part.add(event.seq, () => JSON.stringify(transcriptLine(event)));
    }
    return part.done(window.seen, window.isLast);
  },

  /** What a watcher hears. */
  watched(
    database: Database,
    { callId, afterSeq, limit }: RecordPage,
  ): EventPart<RecordEvent> {
    const rows = Math.min(limit, TOLD_EVENTS);
    const window = windowOf(database, callId, afterSeq, `AND type IN ${WATCHED}`, rows);
    let bytes = 0;
    const events: RecordEvent[] = [];
    for (const row of window.rows) {
      if (bytes >= PART_BYTES) break;
      bytes += String(row["data"]).length;
      events.push(eventFromRow(row));
    }
    const isWhole = events.length === window.rows.length && events.length < rows;
    if (isWhole) return { events, seen: window.seen, isLast: window.isLast };
    return { events, seen: events.at(-1)?.seq ?? window.seen, isLast: false };
  },
};

interface Window {
  readonly rows: readonly Row[];
  /** The number of the last event that was looked at, if the rows are fewer than asked for. */
  readonly seen: number;
  readonly isLast: boolean;
}

function windowOf(
  database: Database,
  callId: string,
  afterSeq: number,
  condition: string,
  limit: number,
): Window {
  const last = database.get("SELECT MAX(call_seq) AS seq FROM events WHERE call_id = ?", callId);
  const lastSeq = Number(last?.["seq"] ?? 0);
  const seen = Math.max(afterSeq, Math.min(afterSeq + WINDOW_EVENTS, lastSeq));
  const rows = database.all(
    `SELECT call_seq, at, type, actor, data FROM events
     WHERE call_id = ? AND call_seq > ? AND call_seq <= ? ${condition} ORDER BY call_seq LIMIT ?`,
    callId,
    afterSeq,
    seen,
    Math.min(limit, WINDOW_EVENTS + 1),
  );
  return { rows, seen, isLast: seen >= lastSeq };
}

function endsOf(database: Database, callId: string) {
  const row = database.get(
    "SELECT json_extract(doc, '$.line', '$.from', '$.to') AS ends FROM calls WHERE id = ?",
    callId,
  );
  const [line, from, to] = JSON.parse(String(row?.["ends"] ?? "[null,null,null]"));
  // Earlier versions stored "" for a withheld number.
  return { line, from: from || null, to: to || null };
}
