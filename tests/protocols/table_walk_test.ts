/** Every edge of every protocol's table is walked, and every absent pair is reported. */
import { type Ask, asked } from "../../calls/line.ts";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import type { InboundCallNotice } from "../../protocols/inbound_call/ports.ts";
import { inboundCall } from "../../protocols/inbound_call/session.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import type { JambonzNotice } from "../../protocols/jambonz/ports.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import { jambonzAudioWire } from "../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../protocols/jambonz_audio/session.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { liveCalls } from "../../protocols/live_calls/session.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import { notifications } from "../../protocols/notifications/session.ts";
import type { Event } from "../../session/protocol.ts";
import type { Wire } from "../../session/wire.ts";
import { scriptedApp } from "../support/apps.ts";
import { audioWorld } from "../support/jambonz_audio.ts";
import { heard } from "../support/script.ts";
import { walks } from "../support/table_walk.ts";
import {
  aCall,
  anEvent,
  inboundWorld,
  jambonzWorldOf,
  liveCallsWorld,
  notificationsWorld,
} from "../support/worlds.ts";

const BYTES = new Uint8Array(320);
const AUDIO = { kind: "audio", bytes: BYTES } as const;
const BINARY = { kind: "malformed", why: "binary refused", detail: "2 bytes" } as const;

const messages = <W extends Wire>(wire: W, ...said: object[]) =>
  said.map((json) => heard(wire, json));
const notices = <Notice>(...given: Notice[]) =>
  given.map((notice) => ({ kind: "notice", notice }) as const);
const timeout = (timer: string) => [{ kind: "timeout", timer } as const];
const closed = (...codes: number[]) =>
  codes.map((code) => ({ kind: "closed", code, reason: "" }) as const);
const ASKS: Readonly<Record<Ask["kind"], Ask>> = {
  end: { kind: "end", by: "operator" },
  join: { kind: "join", number: "+15551230000" },
  interrupt: { kind: "interrupt" },
  digits: { kind: "digits", digits: "12", durationMs: 100 },
  redirect: { kind: "redirect", verbs: [{ verb: "say", text: "Hello" }] },
};

/** The samples of every ask, by the names of their events. */
function asks<Notice>(): Record<string, readonly { kind: "notice"; notice: Notice }[]> {
  return Object.fromEntries(
    Object.values(ASKS).map((ask) => [`ask:${ask.kind}`, notices(asked(ask) as Notice)]),
  );
}

/** A world whose promises the walk keeps itself. */
function mute<World extends { promised: unknown }>(world: World): Omit<World, "promised"> {
  const { promised: _, ...rest } = world;
  return rest;
}

const CALL = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "3" };
walks("inboundCall", {
  wire: inboundCallWire,
  protocol: inboundCall,
  worlds: [
    () => mute(inboundWorld()),
    () => mute(inboundWorld({ answerAfterMs: 500 })),
    () => ({ ...mute(inboundWorld()), app: scriptedApp().app }),
    () => {
      const { app, play } = scriptedApp();
      for (let frames = 0; frames < 3; frames++) play(BYTES);
      return { ...mute(inboundWorld()), app };
    },
    // Queued audio has been heard by the time that the session asks.
    () => {
      const due = () => ({ interrupts: true, frames: [], againInMs: undefined });
      const app = { ...scriptedApp().app, playout: { idle: false, drop() {}, due } };
      return { ...mute(inboundWorld()), app };
    },
  ],
  events: {
    incoming_call: messages(inboundCallWire, CALL),
    dtmf: messages(inboundCallWire, { event: "dtmf", digit: "1" }),
    hangup: messages(inboundCallWire, { event: "hangup" }),
    cdr: messages(inboundCallWire, { event: "cdr" }),
    audio: [AUDIO],
    malformed: [BINARY],
    recorded: notices<InboundCallNotice>({ kind: "recorded" }),
    unrecorded: notices<InboundCallNotice>({ kind: "unrecorded" }),
    answer_recorded: notices<InboundCallNotice>({ kind: "answer_recorded" }),
    cdr_recorded: notices<InboundCallNotice>(
      { kind: "cdr_recorded", persisted: true },
      { kind: "cdr_recorded", persisted: false },
    ),
    "app:answer": notices<InboundCallNotice>({ kind: "app:answer" }),
    "app:pass_back": notices<InboundCallNotice>({ kind: "app:pass_back", bytes: BYTES }),
    "app:play": notices<InboundCallNotice>({ kind: "app:play" }),
    "app:hangup": notices<InboundCallNotice>(
      { kind: "app:hangup", why: "done", now: false },
      { kind: "app:hangup", why: "failed", now: true },
    ),
    ...asks<InboundCallNotice>(),
    "timeout:answer": timeout("answer"),
    "timeout:unanswered": timeout("unanswered"),
    "timeout:dtmf": timeout("dtmf"),
    "timeout:hangup": timeout("hangup"),
    "timeout:digits": timeout("digits"),
    "timeout:playout": timeout("playout"),
    "timeout:cdr": timeout("cdr"),
    closed: closed(1000, 1006),
  },
});

const SID = { call_sid: "sid-a" };
const say = (type: string, msgid: string, data: object = SID, more: object = {}) =>
  messages(jambonzWire, { type, msgid, data, ...more });
const RETURNS = { greeted: true, answered: true, streaming: true };
const UNGREETED = { greeted: false, answered: false, streaming: false };
walks("jambonz", {
  wire: jambonzWire,
  protocol: jambonz,
  worlds: [
    () => mute(jambonzWorldOf()),
    () => mute(jambonzWorldOf({ "sid-a": RETURNS })),
    () => mute(jambonzWorldOf({ "sid-a": UNGREETED })),
    // Its record is open by the time that it comes back.
    () => {
      let asked = 0;
      return { ...mute(jambonzWorldOf()), resume: () => asked++ === 0 ? undefined : RETURNS };
    },
  ],
  events: {
    "session:new": say("session:new", "new"),
    "session:redirect": say("session:redirect", "redirect"),
    "session:adulting": say("session:adulting", "adulting"),
    "session:reconnect": [
      ...say("session:reconnect", "back"),
      ...say("session:reconnect", "strange", { call_sid: "sid-b" }),
    ],
    "verb:hook": say("verb:hook", "hook"),
    "dial:confirm": say("dial:confirm", "confirm"),
    "call:status": [
      ...say("call:status", "1", { ...SID, call_status: "completed" }),
      ...say("call:status", "2", { ...SID, call_status: "trying" }),
      ...say("call:status", "3", { call_status: "trying" }),
      ...say("call:status", "4", {
        call_sid: "sid-b",
        parent_call_sid: "sid-a",
        call_status: "completed",
      }, { call_sid: "sid-a" }),
    ],
    "verb:status": say("verb:status", "1", { event: "finished", id: "a" }),
    "tts:tokens-result": say("tts:tokens-result", "1", { id: 1, status: "ok" }),
    "tts:streaming-event": say("tts:streaming-event", "1", { event_type: "stream_open" }),
    "llm:event": say("llm:event", "1"),
    "llm:tool-call": say("llm:tool-call", "1", { tool_call_id: "t", name: "n", args: {} }),
    "jambonz:error": say("jambonz:error", "1"),
    error: say("error", "1"),
    malformed: [BINARY, { ...BINARY, why: "unknown type", received: { type: "sing", msgid: "s" } }],
    audio: [AUDIO],
    recorded: notices<JambonzNotice>(
      { kind: "recorded" },
      { kind: "recorded", resumed: RETURNS },
      { kind: "recorded", resumed: UNGREETED },
    ),
    unrecorded: notices<JambonzNotice>({ kind: "unrecorded" }),
    verbs: notices<JambonzNotice>(
      { kind: "verbs", msgid: "back", verbs: [] },
      { kind: "verbs", msgid: "other", verbs: [] },
    ),
    threw: notices<JambonzNotice>(
      { kind: "threw", msgid: "back", error: new Error("no") },
      { kind: "threw", msgid: "other", error: new Error("no") },
    ),
    command: notices<JambonzNotice>({
      kind: "command",
      command: { type: "command", command: "redirect", data: [{ verb: "hangup" }] },
    }),
    tokens: notices<JambonzNotice>({ kind: "tokens", text: "Hello" }),
    flush: notices<JambonzNotice>({ kind: "flush" }),
    clear: notices<JambonzNotice>({ kind: "clear" }),
    ...asks<JambonzNotice>(),
    "timeout:ack": [...timeout("ack back"), ...timeout("ack other")],
    "timeout:linger": timeout("linger"),
    closed: closed(1000, 1006),
  },
});

const METADATA = { callSid: "sid-1", sampleRate: 8000, mixType: "mono" };
walks("jambonzAudio", {
  wire: jambonzAudioWire,
  protocol: jambonzAudio,
  worlds: [() => mute(audioWorld(["sid-1"]))],
  events: {
    metadata: messages(jambonzAudioWire, METADATA, { ...METADATA, callSid: "sid-2" }),
    mark: messages(jambonzAudioWire, { type: "mark", data: { name: "1", event: "playout" } }),
    dtmf: messages(jambonzAudioWire, { event: "dtmf", dtmf: "1", duration: "100" }),
    playDone: messages(jambonzAudioWire, { type: "playDone", data: { id: "1" } }),
    audio: [AUDIO],
    malformed: [{ ...BINARY, why: "not json" }],
    pass_back: notices({ kind: "pass_back" as const, bytes: BYTES }),
    play_out: notices({ kind: "play_out" as const }),
    disconnect: notices({ kind: "disconnect" as const }),
    "timeout:metadata": timeout("metadata"),
    "timeout:playout": timeout("playout"),
    "timeout:close": timeout("close"),
    closed: closed(1000, 1006),
  },
});

const END = anEvent(2, { type: "ended", actor: "line", data: { by: "caller", reason: "" } });
const SAID = anEvent(1, { type: "transcript", actor: "line", data: { msg: "Hi", role: "other" } });
walks("liveCalls", {
  wire: liveCallsWire,
  protocol: liveCalls,
  worlds: [() => liveCallsWorld(), () => liveCallsWorld([SAID, END])],
  events: {
    "client:joinCall": messages(liveCallsWire, { type: "client:joinCall", id: "1" }),
    "client:endCall": messages(liveCallsWire, { type: "client:endCall", id: "2" }),
    recorded: notices(
      { kind: "recorded" as const, event: SAID, call: aCall() },
      { kind: "recorded" as const, event: END, call: aCall() },
    ),
    outcome: notices(
      { kind: "outcome" as const, messageId: "1", outcome: { accepted: true } as const },
    ),
    malformed: [BINARY],
    audio: [AUDIO],
    closed: closed(1000),
  },
});

walks("notifications", {
  wire: notificationsWire,
  protocol: notifications,
  worlds: [() => notificationsWorld()],
  events: {
    ping: messages(notificationsWire, { type: "ping", timestamp: "1" }),
    contract_status: messages(notificationsWire, { type: "contract_status", contract_id: "c" }),
    update: notices({
      kind: "update" as const,
      update: { type: "contract_update", contract_id: "c", status: "a", timestamp: "1" } as const,
    }),
    status: notices({ kind: "status" as const, contractId: "c", status: "active" }),
    unavailable: notices({ kind: "unavailable" as const }),
    malformed: [BINARY] as readonly Event<never>[],
    audio: [AUDIO],
    closed: closed(1000),
  },
});
