/**
 * Writes the records of calls. The one writer numbers the events, so no failure leaves a gap.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../../calls/call_record.ts";
import { fold, isComplete } from "../../../calls/fold.ts";
import {
  type CallDoc,
  callFromDoc,
  callToDoc,
  eventFromRow,
  type EventInput,
} from "../rows/call_doc.ts";
import type { Database } from "../database.ts";

/** The position of a written event. */
export interface Written {
  readonly id: number;
  readonly seq: number;
  readonly at: number;
  /** Set when this operation was already done: the event that it wrote then. */
  readonly before?: { readonly type: string; readonly actor: string; readonly data: string };
}

/** The writes of calls. */
export const callWrites = {
  /** Opens a record with its first event. */
  beginCall(database: Database, input: { call: CallDoc; event: EventInput; at: number }): Written {
    const { call: doc, event, at } = input;
    database.run(
      `INSERT INTO calls (id, line, platform_id, state, from_number, to_number, from_e164, to_e164,
         started_at, token, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      doc.id,
      doc.line,
      doc.platformId,
      doc.state,
      // These columns are only searched, and no one searches for an empty number.
      doc.from ?? "",
      doc.to ?? "",
      doc.fromE164,
      doc.toE164,
      doc.startedAt,
      doc.liveConversationToken,
      JSON.stringify(doc),
    );
    return append(database, callFromDoc(doc, 0), event, at, null);
  },

  /** Appends an event to a record. */
  appendEvent(
    database: Database,
    input: { callId: string; event: EventInput; at: number; operation: string | null },
  ): Written {
    const { callId, event, at, operation } = input;
    const before = operation === null ? undefined : writtenBy(database, operation);
    return before ?? append(database, openCall(database, callId), event, at, operation);
  },
};

function append(
  database: Database,
  call: CallRecord,
  event: EventInput,
  at: number,
  operation: string | null,
): Written {
  const seq = call.lastSeq + 1;
  const { lastId: id } = database.run(
    `INSERT INTO events (at, type, actor, call_id, call_seq, operation, data)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    at,
    event.type,
    event.actor,
    call.id,
    seq,
    operation,
    event.data,
  );
  const data = JSON.parse(event.data);
  const next = fold(call, { ...event, data, seq, at: new Date(at) } as RecordEvent);
  persist(database, call, next);
  return { id, seq, at };
}

/** Writes the call's own row only when it changes: most events change nothing but the record. */
function persist(database: Database, before: CallRecord, after: CallRecord): void {
  const open = !isComplete(after);
  if (open) database.memory.set(after.id, after);
  else database.memory.delete(after.id);
  const changed = after.state !== before.state || after.cdr !== before.cdr ||
    after.recording !== before.recording ||
    after.answeredAt?.getTime() !== before.answeredAt?.getTime();
  if (!changed) return;
  database.run(
    "UPDATE calls SET state = ?, open = ?, doc = ? WHERE id = ?",
    after.state,
    open ? 1 : 0,
    JSON.stringify(callToDoc(after)),
    after.id,
  );
}

function openCall(database: Database, id: string): CallRecord {
  const remembered = database.memory.get(id) as CallRecord | undefined;
  if (remembered !== undefined) return remembered;
  const row = database.get("SELECT doc FROM calls WHERE id = ?", id);
  if (row === undefined) throw new Error(`call ${id} is unknown`);
  const last = database.get("SELECT MAX(call_seq) AS seq FROM events WHERE call_id = ?", id);
  return callFromDoc(JSON.parse(String(row["doc"])), Number(last?.["seq"] ?? 0));
}

function writtenBy(database: Database, operation: string): Written | undefined {
  const row = database.get("SELECT * FROM events WHERE operation = ?", operation);
  if (row === undefined) return undefined;
  const { seq, at } = eventFromRow(row);
  const { type, actor, data } = row as Record<string, string>;
  const before = { type: type!, actor: actor!, data: data! };
  return { id: Number(row["id"]), seq, at: at.getTime(), before };
}
