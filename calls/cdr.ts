/**
 * Call detail records in normal form: from what a platform sent, or made up by us.
 * @module
 */
import { type CallRecord, type Cdr, Disposition } from "./call_record.ts";
import { cdrTime, isNever } from "./cdr_time.ts";

type Received = Readonly<Record<string, unknown>>;

/**
 * Turns a CDR as received into normal form. Its fields may be missing, null, of another type or
 * nonsense: the names of those that cannot be read are listed.
 */
export function normalCdr(received: Received): Cdr {
  const unread: string[] = [];
  const read = <Value>(name: string, reader: (value: unknown) => Value | null): Value | null => {
    const value = received[name];
    if (isNothing(value)) return null;
    const normal = reader(value);
    if (normal === null) unread.push(name);
    return normal;
  };
  const time = (name: string) => isNever(received[name]) ? null : read(name, cdrTime);
  return {
    sessionId: read("sessionId", text),
    source: read("source", text),
    destination: read("destination", text),
    startTime: time("startTime"),
    answerTime: time("answerTime"),
    endTime: time("endTime"),
    durationSeconds: read("duration", count),
    billableSeconds: read("billableSeconds", count),
    disposition: read("disposition", disposition),
    hangupBy: read("hangupBy", side),
    hangupCauseCode: read("hangupCauseCode", code),
    hangupCauseText: read("hangupCauseText", text),
    madeByUs: false,
    unread,
  };
}

/** Cause codes that we give: 16 normal clearing, 38 network failure. */
const NORMAL = { code: 16, text: "Normal clearing" };
const NETWORK_FAILURE = { code: 38, text: "Network failure" };

/** A CDR for a call whose platform sent none: made from the record, and marked as ours. */
export function madeUpCdr(call: CallRecord, now: Date): Cdr {
  const end = call.endedAt ?? now;
  const cause = call.endedBy === "lost" ? NETWORK_FAILURE : NORMAL;
  return {
    sessionId: call.platformId,
    source: call.from,
    destination: call.to,
    startTime: call.startedAt.toISOString(),
    answerTime: call.answeredAt?.toISOString() ?? null,
    endTime: end.toISOString(),
    durationSeconds: seconds(call.startedAt, end),
    billableSeconds: call.answeredAt === null ? 0 : seconds(call.answeredAt, end),
    disposition: call.answeredAt === null ? "NO ANSWER" : "ANSWERED",
    hangupBy: hangupBy(call),
    hangupCauseCode: cause.code,
    hangupCauseText: cause.text,
    madeByUs: true,
    unread: [],
  };
}

function hangupBy({ endedBy }: CallRecord): Cdr["hangupBy"] {
  if (endedBy === "caller") return "CALLER";
  return endedBy === null || endedBy === "lost" ? null : "CALLEE";
}

function seconds(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}

/** Whether a field says nothing: it counts as read. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string" && value.trim() === "";
}

function text(value: unknown): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  return typeof value === "string" ? value : null;
}

function disposition(value: unknown): Cdr["disposition"] {
  const word = text(value)?.trim().toUpperCase().replaceAll("_", " ");
  return Disposition.safeParse(word).data ?? null;
}

function side(value: unknown): Cdr["hangupBy"] {
  const word = text(value)?.trim().toUpperCase();
  return word === "CALLER" || word === "CALLEE" ? word : null;
}

/** Leaves out what is no code: it must not cost us the whole CDR. */
function code(value: unknown): number | null {
  const number = count(value);
  return Number.isSafeInteger(number) ? number : null;
}

function count(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 ? number : null;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
