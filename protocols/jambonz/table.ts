/**
 * The state table of a jambonz call's session.
 * @module
 */
import { DEFERRED, type EventsOf, ignoring, staying, type Table } from "../../session/machine.ts";
import type { JambonzWire } from "./messages.ts";
import type { JambonzNotice } from "./ports.ts";

/** The states of a session. */
export type JambonzState =
  /** The socket is open; no message has been received. */
  | "connected"
  /** A call:status came before the session:new; the call's record is being opened. */
  | "announcing"
  /** As `announcing`, with the record open. */
  | "announced"
  /** The call's record is being opened; the app is asked after that. */
  | "recording"
  /** The record is open, and the app controls the call. */
  | "talking"
  /** The call cannot be recorded, so we refuse it: all acks are empty. */
  | "refused"
  /** A known call is back; its session:reconnect waits for our ack. */
  | "returning"
  /** An unknown call, or one that we gave up, is back; its record is being opened. */
  | "reopening"
  /** The call is over; a last verb:hook may still come. */
  | "ended"
  | "over";

/** The events of a session: jambonz's messages by their names, and ours. */
export type JambonzEvents = EventsOf<JambonzWire, JambonzNotice, "ack" | "linger">;

/** Events of every state; they stay in it. A message of a newer server may wait for an ack. */
function anyTime<State extends JambonzState>(state: State) {
  return {
    ...staying(state, "verb:hook", "dial:confirm", "session:reconnect", "verb:status", "llm:event"),
    ...staying(state, "llm:tool-call", "tts:tokens-result", "tts:streaming-event"),
    ...staying(state, "jambonz:error", "error", "malformed"),
    ...staying(state, "command", "tokens", "flush", "clear"),
    closed: "over",
  } as const;
}

/** Events of a call whose app is active. */
function onCall<State extends JambonzState>(state: State) {
  return {
    ...anyTime(state),
    ...staying(state, "session:new", "session:redirect", "session:adulting"),
    ...staying(state, "verbs", "threw", "timeout:ack"),
    ...staying(state, "ask:end", "ask:join", "ask:interrupt", "ask:digits", "ask:redirect"),
    "call:status": [state, "ended"],
  } as const;
}

/** The table of a jambonz call's session. */
export const JAMBONZ = {
  connected: {
    ...anyTime("connected"),
    "session:new": "recording",
    // They may open a new socket of a known call.
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
    // It is the call of this socket: a second record would have no owner.
    "session:reconnect": DEFERRED,
    recorded: "announced",
    unrecorded: "refused",
  },
  announced: {
    ...onCall("announced"),
    "session:new": "talking",
    "session:redirect": "talking",
    "session:adulting": "talking",
    "session:reconnect": ["announced", "returning", "reopening"],
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
  reopening: { ...onCall("reopening"), recorded: ["talking", "returning"], unrecorded: "refused" },
  ended: {
    ...onCall("ended"),
    "call:status": "ended",
    ...ignoring("recorded", "unrecorded"),
    ...ignoring("ask:end", "ask:join", "ask:interrupt", "ask:digits", "ask:redirect"),
    "timeout:linger": "over",
  },
  over: {},
} as const satisfies Table<JambonzState, keyof JambonzEvents>;
