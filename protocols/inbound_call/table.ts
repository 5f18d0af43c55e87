/**
 * The state table of an inbound call.
 * @module
 */
import {
  DEFERRED,
  type EventsOf,
  IGNORED,
  ignoring,
  staying,
  type Table,
} from "../../session/machine.ts";
import type { InboundCallWire } from "./messages.ts";
import type { InboundCallNotice } from "./ports.ts";

/** The states of an inbound call. */
export type InboundCallState =
  /** The socket is open; no call has been announced. */
  | "connected"
  /** The call's record is being opened. */
  | "recording"
  /** The call rings. */
  | "ringing"
  /** The answer is being recorded: it is sent once it is on disk. */
  | "answering"
  | "answered"
  /** The app hangs up once its playout has been heard. */
  | "finishing"
  /** The call is over; its CDR has not arrived yet. */
  | "ended"
  /** The CDR is being recorded: our close acknowledges it. */
  | "acknowledging"
  | "over";

/** The events of an inbound call: the document's messages by their names, and ours. */
export type InboundCallEvents = EventsOf<
  InboundCallWire,
  InboundCallNotice,
  "answer" | "unanswered" | "dtmf" | "hangup" | "digits" | "playout" | "cdr"
>;

/** These end a call in every state. A CDR without a hangup does too. */
const ENDS = { hangup: "ended", cdr: "acknowledging", "ask:end": "ended", closed: "over" } as const;

/** In flight when the call ended. */
const TOO_LATE = {
  ...ignoring(
    "audio",
    "hangup",
    "recorded",
    "unrecorded",
    "answer_recorded",
    "app:answer",
    "app:pass_back",
    "app:play",
    "app:hangup",
    "ask:end",
    "ask:interrupt",
    "ask:digits",
    "timeout:answer",
    "timeout:unanswered",
    "timeout:dtmf",
    "timeout:hangup",
    "timeout:digits",
    "timeout:playout",
  ),
  closed: "over",
} as const;

/** The table of an inbound call. */
export const INBOUND_CALL = {
  connected: { incoming_call: "recording", closed: "over" },
  recording: {
    ...ENDS,
    recorded: ["ringing", "answering"],
    // We refuse a call that we cannot record.
    unrecorded: "ended",
    "ask:interrupt": "recording",
  },
  ringing: {
    ...ENDS,
    "timeout:answer": "answering",
    "app:answer": "answering",
    "app:hangup": "ended",
    "timeout:unanswered": "ended",
    "ask:interrupt": "ringing",
  },
  answering: {
    ...ENDS,
    answer_recorded: "answered",
    "timeout:unanswered": "ended",
    "app:answer": IGNORED,
    // An app plays as soon as it answers; the answer is sent first.
    "app:play": DEFERRED,
    "app:hangup": DEFERRED,
    "ask:interrupt": DEFERRED,
    "ask:digits": DEFERRED,
  },
  answered: {
    ...ENDS,
    ...staying(
      "answered",
      "audio",
      "dtmf",
      "app:pass_back",
      "app:play",
      "ask:interrupt",
      "ask:digits",
      "timeout:dtmf",
      "timeout:digits",
      "timeout:playout",
    ),
    "app:answer": IGNORED,
    "app:hangup": ["finishing", "ended"],
    "timeout:unanswered": IGNORED,
    "timeout:hangup": "ended",
  },
  finishing: {
    ...ENDS,
    ...staying("finishing", "audio", "dtmf", "app:pass_back", "ask:digits", "timeout:digits"),
    "app:answer": IGNORED,
    "app:play": ["finishing", "ended"],
    "app:hangup": ["finishing", "ended"],
    // The interruption drops the playout, so nothing is left to hear.
    "ask:interrupt": "ended",
    "timeout:unanswered": IGNORED,
    "timeout:playout": ["finishing", "ended"],
  },
  ended: { ...TOO_LATE, cdr: "acknowledging", "timeout:cdr": "over" },
  acknowledging: { ...TOO_LATE, cdr_recorded: "over", "timeout:cdr": IGNORED },
  over: {},
} as const satisfies Table<InboundCallState, keyof InboundCallEvents>;
