/**
 * Calls and their events as JSON: times are milliseconds.
 * @module
 */
import type { CallRecord, NewRecordEvent, RecordEvent } from "../../../calls/call_record.ts";
import type { Row } from "../database.ts";

/** A call as it is stored. The number of its last event is not: it is counted when read. */
export type CallDoc = Omit<CallRecord, "startedAt" | "answeredAt" | "endedAt" | "lastSeq"> & {
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
};

/** Turns a call into its JSON. */
export function callToDoc({ lastSeq: _, ...call }: CallRecord): CallDoc {
  return {
    ...call,
    startedAt: call.startedAt.getTime(),
    answeredAt: call.answeredAt?.getTime() ?? null,
    endedAt: call.endedAt?.getTime() ?? null,
  };
}

/** Reads a call from its JSON and the number of its last event. */
export function callFromDoc(doc: CallDoc, lastSeq: number): CallRecord {
  return {
    ...doc,
    // Earlier versions stored "" for a withheld number, and CDRs without `unread`.
    from: doc.from || null,
    to: doc.to || null,
    cdr: doc.cdr && { ...doc.cdr, unread: doc.cdr.unread ?? [] },
    startedAt: new Date(doc.startedAt),
    answeredAt: doc.answeredAt === null ? null : new Date(doc.answeredAt),
    endedAt: doc.endedAt === null ? null : new Date(doc.endedAt),
    lastSeq,
  };
}

/** Reads an event of a call from its row. */
export function eventFromRow(row: Row): RecordEvent {
  return {
    seq: Number(row["call_seq"]),
    at: new Date(Number(row["at"])),
    type: row["type"],
    actor: row["actor"],
    data: JSON.parse(String(row["data"])),
  } as RecordEvent;
}

/** An event before it is numbered, with its data as JSON text. */
export interface EventInput {
  readonly type: NewRecordEvent["type"];
  readonly actor: string;
  readonly data: string;
}

/** An event as the writer takes it. */
export function eventToInput({ type, actor, data }: NewRecordEvent): EventInput {
  return { type, actor, data: JSON.stringify(data) };
}
