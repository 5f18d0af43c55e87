/**
 * A jambonz call's session as a table: which event leads where.
 * @module
 */
import type { Ask } from "../../calls/line.ts";
import { IGNORED, type Table } from "../../session/machine.ts";
import type { Heard, Malformed } from "../../session/wire.ts";
import type { JambonzWire } from "./messages.ts";
import type { JambonzNotice } from "./ports.ts";

/** Where a session stands. */
export type JambonzState =
  /** The socket is open; nothing has been said. */
  | "connected"
  /** A call:status came before the session:new; the call's record is being opened. */
  | "announcing"
  /** As `announcing`, with the record open. */
  | "announced"
  /** The call's record is being opened; the app is asked after that. */
  | "recording"
  /** The record is open, and the app decides. */
  | "talking"
  /** The call cannot be recorded, so we refuse it: all acks are empty. */
  | "refused"
  /** A call that we know is back; its session:reconnect waits for our ack. */
  | "returning"
  /** A call that we do not know, or gave up, is back; its record is being opened. */
  | "reopening"
  /** The call is over; a last verb:hook may still come. */
  | "ended"
  | "over";

type MessageOf<Type> = Extract<Heard<JambonzWire>, { type: Type }>;
type NoticeOf<Kind> = Extract<JambonzNotice, { kind: Kind }>;
type AskOf<Kind> = { readonly ask: Extract<Ask, { kind: Kind }> };

/** What happens in a session: jambonz's messages by their names, and ours. */
export interface JambonzEvents {
  "session:new": MessageOf<"session:new">;
  "session:redirect": MessageOf<"session:redirect">;
  "session:adulting": MessageOf<"session:adulting">;
  "session:reconnect": MessageOf<"session:reconnect">;
  "verb:hook": MessageOf<"verb:hook">;
  "dial:confirm": MessageOf<"dial:confirm">;
  "call:status": MessageOf<"call:status">;
  "verb:status": MessageOf<"verb:status">;
  "tts:tokens-result": MessageOf<"tts:tokens-result">;
  "tts:streaming-event": MessageOf<"tts:streaming-event">;
  "llm:event": MessageOf<"llm:event">;
  "llm:tool-call": MessageOf<"llm:tool-call">;
  "jambonz:error": MessageOf<"jambonz:error">;
  error: MessageOf<"error">;
  malformed: Malformed;
  recorded: NoticeOf<"recorded">;
  unrecorded: unknown;
  verbs: NoticeOf<"verbs">;
  threw: NoticeOf<"threw">;
  command: NoticeOf<"command">;
  tokens: NoticeOf<"tokens">;
  flush: unknown;
  clear: unknown;
  "ask:end": AskOf<"end">;
  "ask:join": AskOf<"join">;
  "ask:interrupt": AskOf<"interrupt">;
  "ask:digits": AskOf<"digits">;
  "ask:redirect": AskOf<"redirect">;
  "timeout:ack": string;
  "timeout:linger": unknown;
  closed: { readonly code: number };
}

/** Events of every state; they stay in it. */
function anyTime<State extends JambonzState>(state: State) {
  return {
    "verb:status": state,
    "tts:tokens-result": state,
    "tts:streaming-event": state,
    "llm:event": state,
    "llm:tool-call": state,
    "jambonz:error": state,
    error: state,
    // A message of a newer server may wait for an ack.
    malformed: state,
    "verb:hook": state,
    "dial:confirm": state,
    "session:reconnect": state,
    command: state,
    tokens: state,
    flush: state,
    clear: state,
    closed: "over",
  } as const;
}

/** Events of a call whose app asks and is asked. */
function onCall<State extends JambonzState>(state: State) {
  return {
    ...anyTime(state),
    "session:new": state,
    "session:redirect": state,
    "session:adulting": state,
    "call:status": [state, "ended"],
    verbs: state,
    threw: state,
    "timeout:ack": state,
    "ask:end": state,
    "ask:join": state,
    "ask:interrupt": state,
    "ask:digits": state,
    "ask:redirect": state,
  } as const;
}

/** The table of a jambonz call's session. */
export const JAMBONZ = {
  connected: {
    ...anyTime("connected"),
    "session:new": "recording",
    // They may open a new socket of a call that we know.
    "session:redirect": ["recording", "talking"],
    "session:adulting": ["recording", "talking"],
    "session:reconnect": ["returning", "reopening"],
    "call:status": ["connected", "announcing", "announced", "ended"],
    verbs: "connected",
    "timeout:ack": "connected",
  },
  announcing: {
    ...onCall("announcing"),
    "session:new": "recording",
    "session:redirect": "recording",
    "session:adulting": "recording",
    "session:reconnect": ["returning", "reopening"],
    recorded: "announced",
    unrecorded: "refused",
  },
  announced: {
    ...onCall("announced"),
    "session:new": "talking",
    "session:redirect": "talking",
    "session:adulting": "talking",
    "session:reconnect": ["returning", "reopening"],
  },
  recording: { ...onCall("recording"), recorded: "talking", unrecorded: "refused" },
  talking: onCall("talking"),
  refused: onCall("refused"),
  returning: {
    ...onCall("returning"),
    verbs: ["returning", "talking"],
    threw: ["returning", "talking"],
    "timeout:ack": ["returning", "talking"],
  },
  reopening: {
    ...onCall("reopening"),
    recorded: ["talking", "returning"],
    unrecorded: "refused",
  },
  ended: {
    ...onCall("ended"),
    "call:status": "ended",
    recorded: IGNORED,
    unrecorded: IGNORED,
    "ask:end": IGNORED,
    "ask:join": IGNORED,
    "ask:interrupt": IGNORED,
    "ask:digits": IGNORED,
    "ask:redirect": IGNORED,
    "timeout:linger": "over",
  },
  over: {},
} as const satisfies Table<JambonzState, keyof JambonzEvents>;
