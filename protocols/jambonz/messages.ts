/**
 * Messages from a jambonz server. Ours are in `commands.ts`.
 * @see https://docs.jambonz.org/reference/websocket-api/call-control/overview
 * @module
 */
import { z } from "zod";
import type { Command } from "../../session/protocol.ts";
import { type Said, wire } from "../../session/wire.ts";
import { Ack, commands } from "./commands.ts";

const msgid = z.string().min(1).meta({
  description: "Unique; the ack repeats it",
  examples: ["ahmaHCJ8UndaWrTx9875oJ"],
});
const callSid = z.string().optional().meta({
  description: "The call; a B leg's status has the A leg's",
  examples: ["6ffe4897-9467-4484-a944-13469b088f06"],
});
const b3 = z.string().optional().describe("Trace context");
const hook = z.string().optional().meta({
  description: "The hook, as in the verb",
  examples: ["/gathered"],
});

/** The fields of nearly every message, except its data. */
const envelope = { msgid, call_sid: callSid, b3 };
/** The fields of a message for a hook. */
const hooked = { ...envelope, hook };

/** The call information in most messages; every version of jambonz adds fields. */
export const CallInfo = z.looseObject({
  call_sid: z.string().optional(),
  parent_call_sid: z.string().nullish(),
  from: z.string().optional(),
  to: z.string().optional(),
  direction: z.string().optional().describe("inbound or outbound"),
  call_status: z.string().optional()
    .describe("trying, ringing, early-media, in-progress, completed, failed, busy or no-answer"),
  call_termination_by: z.string().nullish().describe("caller, callee or application"),
}).describe("Call information");
/** The call information in most messages. */
export type CallInfo = z.infer<typeof CallInfo>;

/** The result of a speech recogniser. */
export const Speech = z.looseObject({
  is_final: z.boolean().optional(),
  alternatives: z.array(z.looseObject({
    transcript: z.string(),
    confidence: z.number().nullish(),
  })).optional(),
}).describe("The result of a speech recogniser");

const SID = "6ffe4897-9467-4484-a944-13469b088f06";

const SessionNew = z.object({
  type: z.literal("session:new"),
  ...hooked,
  data: CallInfo.default({}),
}).meta({
  id: "SessionNew",
  description:
    "A new call; the ack must come within 5 s and contain verbs; an empty one rejects the call",
  examples: [{
    type: "session:new",
    msgid: "m1",
    call_sid: SID,
    data: { call_sid: SID, from: "+15083084809", to: "1001", direction: "inbound" },
  }],
});

const SessionRedirect = z.object({
  type: z.literal("session:redirect"),
  ...hooked,
  data: CallInfo.default({}),
}).meta({
  id: "SessionRedirect",
  description: "Live call control redirected the call here; the ack contains verbs",
  examples: [{ type: "session:redirect", msgid: "m2", call_sid: SID, hook: "/next", data: {} }],
});

const SessionReconnect = z.object({
  type: z.literal("session:reconnect"),
  ...hooked,
  data: z.union([CallInfo, z.string()]).optional()
    .describe("The cached data of session:new; by the document only the call_sid"),
}).meta({
  id: "SessionReconnect",
  description: "The same call on a new socket; without an ack within 5 s jambonz hangs up",
  examples: [{ type: "session:reconnect", msgid: "m3", call_sid: SID, data: { call_sid: SID } }],
});

const SessionAdulting = z.object({
  type: z.literal("session:adulting"),
  ...hooked,
  data: CallInfo.extend({ parent_call_info: CallInfo.optional() }).default({}),
}).meta({
  id: "SessionAdulting",
  description: "A child leg became a separate call, on a new socket; the ack contains verbs",
  examples: [{
    type: "session:adulting",
    msgid: "m4",
    data: { call_sid: "child", parent_call_info: { call_sid: SID } },
  }],
});

const DialConfirm = z.object({
  type: z.literal("dial:confirm"),
  ...hooked,
  data: CallInfo.default({}),
}).meta({
  id: "DialConfirm",
  description: "A dialled call has a confirmHook; the ack contains verbs for the called person",
  examples: [{ type: "dial:confirm", msgid: "m5", call_sid: SID, hook: "/confirm", data: {} }],
});

const VerbHook = z.object({
  type: z.literal("verb:hook"),
  ...hooked,
  data: CallInfo.extend({
    speech: Speech.optional(),
    digits: z.string().optional(),
    reason: z.string().optional(),
  }).default({}),
}).meta({
  id: "VerbHook",
  description: "An action or event hook of a verb; the ack may contain verbs",
  examples: [{
    type: "verb:hook",
    msgid: "m6",
    call_sid: SID,
    hook: "/gathered",
    data: { digits: "1", reason: "dtmfDetected" },
  }],
});

const CallStatus = z.object({ type: z.literal("call:status"), ...envelope, data: CallInfo }).meta({
  id: "CallStatus",
  description: "The call's status changed; a B leg's has parent_call_sid",
  examples: [{
    type: "call:status",
    msgid: "m7",
    call_sid: SID,
    data: { call_sid: SID, call_status: "in-progress" },
  }],
});

const VerbStatus = z.object({
  type: z.literal("verb:status"),
  ...envelope,
  data: z.looseObject({
    event: z.string().describe("starting, finished, start-playback, stop-playback …"),
    name: z.string().optional(),
    verb: z.string().optional(),
    id: z.string().optional(),
  }),
}).meta({
  id: "VerbStatus",
  description: "A verb began or ended",
  examples: [{ type: "verb:status", msgid: "m8", data: { event: "finished", name: "say" } }],
});

const LlmEvent = z.object({
  type: z.literal("llm:event"),
  ...hooked,
  data: z.looseObject({ type: z.string().optional() }),
}).meta({
  id: "LlmEvent",
  description: "An event of a language model, such as a transcript",
  examples: [{
    type: "llm:event",
    msgid: "m9",
    hook: "/llm-event",
    data: { type: "response.audio_transcript.done", transcript: "Hi" },
  }],
});

const LlmToolCall = z.object({
  type: z.literal("llm:tool-call"),
  ...hooked,
  data: z.looseObject({
    tool_call_id: z.string(),
    name: z.string().optional(),
    args: z.unknown().optional(),
  }),
}).meta({
  id: "LlmToolCall",
  description: "A language model calls a tool; the command llm:tool-output answers",
  examples: [{
    type: "llm:tool-call",
    msgid: "m10",
    data: { tool_call_id: "call_77", name: "get_weather", args: { location: "Berlin" } },
  }],
});

const TtsTokensResult = z.object({
  type: z.literal("tts:tokens-result"),
  ...envelope,
  data: z.looseObject({
    id: z.union([z.number(), z.string()]),
    status: z.string().describe("ok or failed"),
    reason: z.string().optional().describe("full, missing tokens …"),
  }),
}).meta({
  id: "TtsTokensResult",
  description: "The result of a tts:tokens command; results come out of order",
  examples: [{ type: "tts:tokens-result", msgid: "m11", data: { id: 2, status: "ok" } }],
});

const TtsStreamingEvent = z.object({
  type: z.literal("tts:streaming-event"),
  ...envelope,
  data: z.looseObject({
    event_type: z.string()
      .describe("stream_open, stream_closed, stream_paused, stream_resumed, user_interruption"),
  }),
}).meta({
  id: "TtsStreamingEvent",
  description: "A speech stream opened, closed, paused, resumed, or was interrupted",
  examples: [{ type: "tts:streaming-event", msgid: "m12", data: { event_type: "stream_paused" } }],
});

const JambonzError = z.object({
  type: z.literal(["jambonz:error", "error"]),
  msgid: msgid.optional(),
  call_sid: callSid,
  data: z.looseObject({ msg: z.string().optional(), details: z.unknown().optional() }).optional(),
  b3,
}).meta({
  id: "JambonzError",
  description: "An error on the jambonz server",
  examples: [{
    type: "jambonz:error",
    msgid: "m13",
    data: { msg: "TTS error", details: "no credentials", verb: "say" },
  }],
});

/** A message of a type that only newer jambonz servers know. */
export const Newer = z.looseObject({
  type: z.string(),
  msgid: msgid.optional().catch(undefined),
  hook: z.string().optional().catch(undefined),
  data: z.looseObject({}).optional().catch(undefined),
});

/** The messages of the jambonz door. */
export const jambonzWire = wire({
  tag: "type",
  heard: z.discriminatedUnion("type", [
    SessionNew,
    SessionRedirect,
    SessionReconnect,
    SessionAdulting,
    DialConfirm,
    VerbHook,
    CallStatus,
    VerbStatus,
    LlmEvent,
    LlmToolCall,
    TtsTokensResult,
    TtsStreamingEvent,
    JambonzError,
  ]),
  said: z.discriminatedUnion("type", [Ack, commands]),
  // Values differ by speech vendor, and a hook without an ack delays the caller by 5 s.
  isLoose: true,
});
/** The type of the jambonz wire. */
export type JambonzWire = typeof jambonzWire;
/** What the parts of a session yield. */
export type Steps<Next = void> = Generator<Command<Said<JambonzWire>>, Next, void>;
