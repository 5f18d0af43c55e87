/**
 * Folds the events of a record into the call as it stands.
 * @module
 */
import {
  CALL_MOVES,
  type CallRecord,
  type CallState,
  Cdr,
  type RecordEvent,
} from "./call_record.ts";

/** The call after one more event. */
export function fold(call: CallRecord, event: RecordEvent): CallRecord {
  return { ...call, lastSeq: event.seq, ...change(call, event) };
}

/** Whether a call is complete: its end, its CDR, and its recording if it has one. */
export function isComplete({ state, cdr, recording }: CallRecord): boolean {
  return state === "ended" && cdr !== null && recording !== "on";
}

/** Where a call stood before it was given up as lost. */
export function stateBeforeLoss(call: CallRecord, events: readonly RecordEvent[]): CallState {
  const begun: CallRecord = { ...call, state: "ringing", endedAt: null, endedBy: null };
  return events
    .filter(({ type }) => type !== "ended" && type !== "cdr")
    .reduce(fold, begun).state;
}

function change(call: CallRecord, event: RecordEvent): Partial<CallRecord> {
  switch (event.type) {
    case "answered":
      return { ...moved(call, "answered"), answeredAt: call.answeredAt ?? event.at };
    case "screening_started":
      return moved(call, "screening");
    case "screening_ended":
      return call.state === "screening" ? moved(call, "answered") : {};
    case "join_requested":
      return moved(call, "handed_over");
    case "ended":
      return { ...moved(call, "ended"), endedAt: event.at, endedBy: event.data.by };
    case "line_back":
      // It was given up too early, and the CDR that we made is wrong.
      if (call.state !== "ended" || call.endedBy !== "lost") return {};
      return { state: event.data.state ?? "answered", endedAt: null, endedBy: null, cdr: null };
    case "cdr":
      // The call came back while this CDR for a lost call was being written.
      if (event.data.cdr.madeByUs && call.state !== "ended") return {};
      return { cdr: Cdr.parse(event.data.cdr) };
    case "recording_started":
      return { recording: "on" };
    case "recording_ended":
      return { recording: "over" };
    default:
      return {};
  }
}

/** A record holds what happened, in any order: an event that moves nothing is recorded, too. */
function moved(call: CallRecord, to: CallState): Partial<CallRecord> {
  return CALL_MOVES[call.state].includes(to) ? { state: to } : {};
}
