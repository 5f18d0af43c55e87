/**
 * Call detail records in normal form: from what a platform sent, or made up by us.
 * @module
 */
import { type Call, type Cdr, Disposition } from "./call.ts";

/** Turns a CDR as received, whose fields may be missing, null, or numbers as text, into normal form. */
export function normalCdr(received: Readonly<Record<string, unknown>>): Cdr {
  const by = text(received["hangupBy"])?.toUpperCase();
  const disposition = text(received["disposition"])?.toUpperCase().replaceAll("_", " ");
  return {
    sessionId: text(received["sessionId"]),
    source: text(received["source"]),
    destination: text(received["destination"]),
    startTime: time(received["startTime"]),
    answerTime: time(received["answerTime"]),
    endTime: time(received["endTime"]),
    durationSeconds: count(received["duration"]),
    billableSeconds: count(received["billableSeconds"]),
    disposition: Disposition.safeParse(disposition).data ?? null,
    hangupBy: by === "CALLER" || by === "CALLEE" ? by : null,
    hangupCauseCode: code(received["hangupCauseCode"]),
    hangupCauseText: text(received["hangupCauseText"]),
    madeByUs: false,
  };
}

/** Cause codes that we give: 16 normal clearing, 38 network failure. */
const NORMAL = { code: 16, text: "Normal clearing" };
const NETWORK_FAILURE = { code: 38, text: "Network failure" };

/** A CDR for a call whose platform sent none, from the record itself, and marked as ours. */
export function madeUpCdr(call: Call, now: Date): Cdr {
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
  };
}

function hangupBy({ endedBy }: Call): Cdr["hangupBy"] {
  if (endedBy === "caller") return "CALLER";
  return endedBy === null || endedBy === "lost" ? null : "CALLEE";
}

function seconds(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}

function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function time(value: unknown): string | null {
  const written = text(value);
  if (written === null) return null;
  const date = new Date(written);
  return Number.isNaN(date.getTime()) ? written : date.toISOString();
}

/** What is no code is left out: it must not cost us the whole CDR. */
function code(value: unknown): number | null {
  const number = count(value);
  return Number.isSafeInteger(number) ? number : null;
}

function count(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
}
