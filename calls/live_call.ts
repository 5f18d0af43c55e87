/**
 * A call that is not over, in memory.
 * @module
 */
import type { CallRecord, NewRecordEvent, RecordEvent } from "./call_record.ts";
import type { Ask, Line } from "./line.ts";

/** The line event of a join that was carried out after the screening. */
export const JOINED = "joined";

/** The outcome of a request. */
export type Outcome =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly why: string };

/** Called with each event when it is on disk. */
export type Follower = (event: RecordEvent, call: CallRecord) => void;

/** One call that is not over. */
export class LiveCall {
  call: CallRecord;
  readonly events: RecordEvent[];
  readonly followers = new Set<Follower>();
  /** The requests so far, by message, with their outcomes. */
  readonly asked = new Map<string, { kind: Ask["kind"]; outcome: Promise<Outcome> }>();
  line: Line | undefined;
  /** What the line refuses; still valid while it reconnects. */
  refuses: Line["refuses"] = () => undefined;
  /** Requests that wait for the next line. */
  waiting: Ask[] = [];
  /** How many will see to its end: sockets, and deadlines of sockets that were lost. */
  holders = 0;
  ending: boolean;
  screeningOver: boolean;

  constructor(call: CallRecord, events: readonly RecordEvent[]) {
    this.call = call;
    this.events = [...events];
    this.ending = call.state === "ended";
    const last = events.findLast(({ type }) => SCREENING.includes(type));
    this.screeningOver = last?.type === "screening_ended";
  }

  /** Whether an event may be written: an end is written once. */
  admits({ type }: NewRecordEvent): boolean {
    if (type === "ended") {
      if (this.ending) return false;
      this.ending = true;
    }
    if (type === "screening_ended") {
      if (this.screeningOver) return false;
      this.screeningOver = true;
    }
    // A caller who has been handed over is not screened again.
    if (type === "screening_started" && this.call.state !== "handed_over") {
      this.screeningOver = false;
    }
    return true;
  }

  /** Takes back an admission: the event could not be written. */
  retracts({ type }: NewRecordEvent): void {
    if (type === "ended") this.ending = false;
    if (type === "screening_ended") this.screeningOver = false;
  }

  /** Rebuilds a call from its record: accepted requests are known, pending ones are due. */
  static recovered(call: CallRecord, events: readonly RecordEvent[]): LiveCall {
    const live = new LiveCall(call, events);
    const accepted = Promise.resolve({ accepted: true } as const);
    for (const { type, actor, data } of events) {
      if (type === "end_requested") {
        live.asked.set(askKey(actor, data.messageId), { kind: "end", outcome: accepted });
        live.waiting.push({ kind: "end", by: data.by });
      }
      if (type === "join_requested") {
        live.asked.set(askKey(actor, data.messageId), { kind: "join", outcome: accepted });
        live.waiting.push({ kind: "join", number: data.number });
      }
      const isCarriedOut = type === "screening_ended" && actor === "us" ||
        type === "line_event" && data.type === JOINED;
      if (isCarriedOut) {
        live.waiting = live.waiting.filter(({ kind }) => kind !== "join");
      }
    }
    return live;
  }
}

const SCREENING: readonly string[] = ["screening_started", "screening_ended"];

/** Identifies a message of one actor. */
export function askKey(actor: string, messageId: string): string {
  return JSON.stringify([actor, messageId]);
}
