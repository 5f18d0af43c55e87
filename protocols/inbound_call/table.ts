/**
 * An inbound call as a table: which event leads where.
 * @module
 */
import type { z } from "zod";
import type { Ask } from "../../calls/line.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import { DEFERRED, IGNORED, type Table } from "../../session/machine.ts";
import type { CdrHeard, DtmfHeard, HangupHeard, IncomingCall } from "./messages.ts";
import type { InboundCallNotice } from "./ports.ts";

/** Where an inbound call stands. */
export type InboundCallState =
  /** The socket is open; no call has been announced. */
  | "connected"
  /** The call's record is being opened. */
  | "recording"
  /** The call rings. */
  | "ringing"
  /** The answer is being recorded: it goes out when it is on disk. */
  | "answering"
  | "answered"
  /** The app hangs up once its playout has been heard. */
  | "finishing"
  /** The call is over; its CDR is still to come. */
  | "ended"
  /** The CDR is being recorded: our close acknowledges it. */
  | "acknowledging"
  | "over";

type NoticeOf<Kind> = Extract<InboundCallNotice, { kind: Kind }>;
type AskOf<Kind> = { readonly ask: Extract<Ask, { kind: Kind }> };

/** What happens on an inbound call: the document's messages by their names, and ours. */
export interface InboundCallEvents {
  incoming_call: z.output<typeof IncomingCall>;
  dtmf: z.output<typeof DtmfHeard>;
  hangup: z.output<typeof HangupHeard>;
  cdr: z.output<typeof CdrHeard>;
  audio: AudioBytes;
  recorded: unknown;
  unrecorded: unknown;
  answer_recorded: unknown;
  cdr_recorded: NoticeOf<"cdr_recorded">;
  "app:answer": unknown;
  "app:pass_back": NoticeOf<"app:pass_back">;
  "app:play": unknown;
  "app:hangup": NoticeOf<"app:hangup">;
  "ask:end": AskOf<"end">;
  "ask:interrupt": unknown;
  "ask:digits": AskOf<"digits">;
  "timeout:answer": unknown;
  "timeout:unanswered": unknown;
  "timeout:dtmf": unknown;
  "timeout:hangup": unknown;
  "timeout:digits": unknown;
  "timeout:playout": unknown;
  "timeout:cdr": unknown;
  closed: { readonly code: number };
}

/** These end a call in every state. A CDR without a hangup does too. */
const ENDS = {
  hangup: "ended",
  cdr: "acknowledging",
  "ask:end": "ended",
  closed: "over",
} as const;

/** Already on its way when the call ended. */
const TOO_LATE = {
  audio: IGNORED,
  hangup: IGNORED,
  recorded: IGNORED,
  unrecorded: IGNORED,
  answer_recorded: IGNORED,
  "app:answer": IGNORED,
  "app:pass_back": IGNORED,
  "app:play": IGNORED,
  "app:hangup": IGNORED,
  "ask:end": IGNORED,
  "ask:interrupt": IGNORED,
  "ask:digits": IGNORED,
  "timeout:answer": IGNORED,
  "timeout:unanswered": IGNORED,
  "timeout:dtmf": IGNORED,
  "timeout:hangup": IGNORED,
  "timeout:digits": IGNORED,
  "timeout:playout": IGNORED,
  closed: "over",
} as const;

/** The table of an inbound call. */
export const INBOUND_CALL = {
  connected: { incoming_call: "recording", closed: "over" },
  recording: {
    ...ENDS,
    recorded: ["ringing", "answering"],
    // We take no call that we cannot record.
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
    // An app plays as soon as it answers; the answer goes out first.
    "app:play": DEFERRED,
    "app:hangup": DEFERRED,
    "ask:interrupt": DEFERRED,
    "ask:digits": DEFERRED,
  },
  answered: {
    ...ENDS,
    audio: "answered",
    dtmf: "answered",
    "app:answer": IGNORED,
    "app:pass_back": "answered",
    "app:play": "answered",
    "app:hangup": ["finishing", "ended"],
    "ask:interrupt": "answered",
    "ask:digits": "answered",
    "timeout:unanswered": IGNORED,
    "timeout:dtmf": "answered",
    "timeout:digits": "answered",
    "timeout:playout": "answered",
    "timeout:hangup": "ended",
  },
  finishing: {
    ...ENDS,
    audio: "finishing",
    dtmf: "finishing",
    "app:answer": IGNORED,
    "app:pass_back": "finishing",
    "app:play": ["finishing", "ended"],
    "app:hangup": ["finishing", "ended"],
    // The interruption drops the playout, so nothing is left to hear.
    "ask:interrupt": "ended",
    "ask:digits": "finishing",
    "timeout:unanswered": IGNORED,
    "timeout:digits": "finishing",
    "timeout:playout": ["finishing", "ended"],
  },
  ended: { ...TOO_LATE, cdr: "acknowledging", "timeout:cdr": "over" },
  acknowledging: { ...TOO_LATE, cdr_recorded: "over", "timeout:cdr": IGNORED },
  over: {},
} as const satisfies Table<InboundCallState, keyof InboundCallEvents>;
