import { assert } from "@std/assert";
import { asked } from "../../calls/line.ts";
import fc from "fast-check";
import { type Ask } from "../../calls/line.ts";
import type { NewRecordEvent, RecordEvent } from "../../calls/call_record.ts";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../protocols/inbound_call/session.ts";
import type { InboundCallNotice } from "../../protocols/inbound_call/ports.ts";
import type { Command as JambonzCommand } from "../../protocols/jambonz/commands.ts";
import { jambonzAudioWire } from "../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../protocols/jambonz_audio/session.ts";
import type { JambonzAudioNotice } from "../../protocols/jambonz_audio/ports.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import type { JambonzNotice } from "../../protocols/jambonz/ports.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import type { LiveCallsNotice } from "../../protocols/live_calls/ports.ts";
import { liveCalls } from "../../protocols/live_calls/session.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { NotificationsNotice } from "../../protocols/notifications/ports.ts";
import { notifications } from "../../protocols/notifications/session.ts";
import type { Event, Protocol } from "../../session/protocol.ts";
import { decode, type Heard, messagesOf, type Wire } from "../../session/wire.ts";
import { scriptedApp } from "../support/apps.ts";
import { audioWorld } from "../support/jambonz_audio.ts";
import { Script } from "../support/script.ts";
import {
  aCall,
  anEvent,
  inboundWorld,
  jambonzWorldOf,
  liveCallsWorld,
  notificationsWorld,
} from "../support/worlds.ts";

const RUNS = 300;

/** Ids and timers that come again and again, so that things meet. */
const name = fc.constantFrom("a", "b", "m1", "sid-a");

type Json = Record<string, unknown>;

/** A message that may be said to a wire: an example of its schema, perhaps changed here and there. */
function frames(wire: Wire, more: readonly Json[]): fc.Arbitrary<string> {
  const examples = messagesOf(wire.heard).flatMap((schema) => schema.meta()?.["examples"] as Json[])
    .concat(more);
  const example = fc.constantFrom(...examples);
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), name, fc.constantFrom("completed", "5", 7));
  const mutated = fc.tuple(example, fc.boolean(), name, value).chain(
    ([message, inside, id, other]) => {
      const part = message["data"];
      const target = inside && typeof part === "object" && part !== null ? part : message;
      return fc.constantFrom(...Object.keys(target), "msgid", "call_sid").map((key) => {
        const changed = { ...target, [key]: other };
        const whole = target === message ? changed : { ...message, data: changed };
        return JSON.stringify("msgid" in whole ? { ...whole, msgid: id } : whole);
      });
    },
  );
  return fc.oneof(
    { weight: 6, arbitrary: example.map((message) => JSON.stringify(message)) },
    { weight: 6, arbitrary: mutated },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string() },
  );
}

type Step<W extends Wire, Notice> = Event<Heard<W>, Notice> | { kind: "wait"; ms: number };

function steps<W extends Wire, Notice>(
  wire: W,
  notice: fc.Arbitrary<Notice>,
  timers: readonly string[],
  more: readonly Json[],
): fc.Arbitrary<Step<W, Notice>> {
  const timer = fc.oneof(fc.constantFrom(...timers), name.map((id) => `ack ${id}`), fc.string());
  return fc.oneof(
    { weight: 8, arbitrary: frames(wire, more).map((text) => decode(wire, text)) },
    { weight: 6, arbitrary: notice.map((each) => ({ kind: "notice", notice: each }) as const) },
    {
      weight: 2,
      arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) =>
        ({ kind: "audio", bytes: new Uint8Array(bytes) }) as const
      ),
    },
    { weight: 1, arbitrary: timer.map((each) => ({ kind: "timeout", timer: each }) as const) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 0, max: 12_000 }).map((ms) => ({ kind: "wait", ms }) as const),
    },
    {
      weight: 1,
      arbitrary: fc.constant(
        { kind: "malformed", why: "binary refused", detail: "1 bytes" } as const,
      ),
    },
  );
}

/** Walks a protocol at random; the script checks all that it says, and that it ends. */
function walks<W extends Wire, Context extends object, Notice>(walk: {
  wire: W;
  protocol: Protocol<W, Context, Notice>;
  /** The world, and how much has happened in it already. */
  context: (past: number) => Context;
  notice: fc.Arbitrary<Notice>;
  timers?: readonly string[];
  /** Messages beside the examples of the schemas. */
  more?: readonly Json[];
}): Promise<void> {
  const { wire, protocol, context, notice, timers = ["unknown"], more = [] } = walk;
  // Steps of one row come at once: they have waited in the inbox together.
  const row = fc.array(steps(wire, notice, timers, more), { minLength: 1, maxLength: 4 });
  const rows = fc.array(row, { maxLength: 40, size: "max" });
  const past = fc.nat(RECORDED.length);
  const code = fc.constantFrom(1000, 1001, 1006, 1011, 4000);
  return fc.assert(
    fc.asyncProperty(rows, past, code, async (walked, happened, closing) => {
      const script = new Script(wire, protocol, context(happened));
      await script.begin();
      for (const row of walked) {
        if (script.over) break;
        const events = row.filter((step) => step.kind !== "wait");
        await script.tell(...events);
        for (const step of row) {
          if (step.kind === "wait" && !script.over) await script.advance(step.ms);
        }
      }
      if (!script.over) await script.close(closing);
      assert(script.over, "it has not come to its end");
      assert(script.timers.length === 0);
    }),
    { numRuns: RUNS, verbose: 1 },
  );
}

const digits = fc.stringMatching(/^[0-9*#]{1,4}$/);
const durationMs = fc.integer({ min: 1, max: 1000 });
const ask: fc.Arbitrary<Ask> = fc.oneof(
  fc.constant({ kind: "end" } as const),
  fc.constant({ kind: "interrupt" } as const),
  fc.constantFrom(null, "+15551230000").map((number) => ({ kind: "join", number }) as const),
  fc.record({ kind: fc.constant("digits" as const), digits, durationMs }),
).map((each) => each);

Deno.test("inboundCall() survives random walks and always ends cleanly", async () => {
  const notice = fc.oneof<fc.Arbitrary<InboundCallNotice>[]>(
    fc.constantFrom({ kind: "recorded" } as const, { kind: "unrecorded" } as const),
    ask.map(asked),
  );
  await walks({
    wire: inboundCallWire,
    protocol: inboundCall,
    context: () => inboundWorld(),
    notice,
    timers: ["answer", "dtmf", "digits", "hangup", "cdr", "unknown"],
  });
});

Deno.test("inboundCall() survives random walks with an app too", async () => {
  const bytes = new Uint8Array(2);
  const notice = fc.oneof<fc.Arbitrary<InboundCallNotice>[]>(
    fc.constantFrom<InboundCallNotice[]>(
      { kind: "recorded" },
      { kind: "app:answer" },
      { kind: "app:answer" },
      { kind: "app:pass_back", bytes },
      { kind: "app:play" },
      { kind: "app:hangup", why: "done", now: false },
      { kind: "app:hangup", why: "failed", now: true },
    ),
    ask.map(asked),
  );
  await walks({
    wire: inboundCallWire,
    protocol: inboundCall,
    context() {
      const { app, play, interrupt } = scriptedApp();
      interrupt();
      for (let count = 0; count < 5; count++) play(bytes);
      return { ...inboundWorld(), app };
    },
    notice,
    timers: ["playout", "unanswered", "digits", "cdr", "unknown"],
  });
});

const LEG = { call_sid: "sid-b", parent_call_sid: "sid-a", call_status: "completed" };
const JAMBONZ_MORE: Json[] = [
  ...["stream_open", "stream_resumed", "stream_closed", "user_interruption"].map((event_type) => ({
    type: "tts:streaming-event",
    msgid: "t",
    data: { event_type },
  })),
  ...[1, 2, 3].map((id) => ({
    type: "tts:tokens-result",
    msgid: "t",
    data: { id, status: "failed", reason: "full" },
  })),
  { type: "session:new", msgid: "m1", data: { call_sid: "sid-a" } },
  { type: "session:reconnect", msgid: "m1", data: "sid-a" },
  { type: "call:status", msgid: "s", data: { call_sid: "sid-a", call_status: "completed" } },
  { type: "call:status", msgid: "s", data: { call_status: "completed" } },
  { type: "call:status", msgid: "s", call_sid: "sid-a", data: LEG },
  { type: "verb:hook", msgid: "m1", data: { speech: { alternatives: [{ transcript: "Hi" }] } } },
];

const verbs = fc.oneof(
  fc.constantFrom(
    [],
    [{ verb: "say", text: "Hello" }],
    [{ verb: "hangup" }],
    [{ verb: "sing" }],
    [{ verb: "say", text: "x".repeat(30_000) }],
  ),
  // An application is a program: nothing keeps it from an answer of another type.
  fc.anything().map((anything) => anything as never),
);
const command = fc.constantFrom<JambonzCommand>(
  { type: "command", command: "redirect", data: [{ verb: "say", text: "Hello" }] },
  { type: "command", command: "redirect", queueCommand: true, data: [{ verb: "sing" }] },
  { type: "command", command: "llm:tool-output", tool_call_id: "t", data: { big: 1n } },
  { type: "command", command: "mute:status", data: { mute_status: "mute" } },
  { type: "command", command: "tts:tokens", data: { tokens: "Hello" } },
);

Deno.test("jambonz() survives random walks and always ends cleanly", async () => {
  const notice = fc.oneof<fc.Arbitrary<JambonzNotice>[]>(
    fc.constantFrom({ kind: "recorded" } as const, { kind: "unrecorded" } as const),
    fc.record({ kind: fc.constant("verbs" as const), msgid: name, verbs }),
    fc.record({ kind: fc.constant("threw" as const), msgid: name, error: fc.anything() }),
    command.map((each) => ({ kind: "command", command: each })),
    fc.string().map((text) => ({ kind: "tokens", text })),
    fc.constantFrom({ kind: "flush" } as const, { kind: "clear" } as const),
    ask.map(asked),
  );
  await walks({
    wire: jambonzWire,
    protocol: jambonz,
    context: () =>
      jambonzWorldOf({
        "sid-a": { greeted: true, answered: true, streaming: false },
        a: { greeted: false, answered: false, streaming: false },
      }),
    notice,
    timers: ["linger", "unknown"],
    more: JAMBONZ_MORE,
  });
});

Deno.test("jambonzAudio() survives random walks and always ends cleanly", async () => {
  const bytes = new Uint8Array(2);
  const notice = fc.constantFrom<JambonzAudioNotice[]>(
    { kind: "play_out" },
    { kind: "pass_back", bytes },
    { kind: "disconnect" },
  );
  await walks({
    wire: jambonzAudioWire,
    protocol: jambonzAudio,
    context: () => {
      const world = audioWorld(["sid-a", "eb7ac318"]);
      world.owes.push(
        { items: [{ kind: "frame", bytes }, { kind: "mark", name: "a" }], againInMs: 20 },
        { items: [{ kind: "interruption" }], againInMs: undefined },
        { items: [], againInMs: 0 },
      );
      return world;
    },
    notice,
    timers: ["metadata", "playout", "close", "unknown"],
  });
});

const RECORDED: NewRecordEvent[] = [
  { type: "started", actor: "line", data: { direction: "inbound" } },
  { type: "answered", actor: "us", data: {} },
  { type: "transcript", actor: "us", data: { msg: "Hello", role: "assistant", offset: 12 } },
  { type: "transcript", actor: "us", data: { msg: "", role: "user" } },
  { type: "screening_ended", actor: "us", data: { msg: "over to you" } },
  { type: "note", actor: "us", data: { text: "hm" } },
  { type: "ended", actor: "line", data: { by: "lost", reason: "" } },
  { type: "cdr", actor: "us", data: { cdr: {} } },
];
const recorded: fc.Arbitrary<RecordEvent> = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat(7))
  .map(
    ([seq, which]) => anEvent(seq, RECORDED[which]!),
  );

Deno.test("liveCalls() survives random walks and always ends cleanly", async () => {
  const notice = fc.oneof<fc.Arbitrary<LiveCallsNotice>[]>(
    recorded.map((event) => ({ kind: "recorded", event, call: aCall({ fromE164: null }) })),
    name.map((messageId) => ({ kind: "outcome", messageId, outcome: { accepted: true } })),
    fc.record({
      kind: fc.constant("outcome" as const),
      messageId: name,
      outcome: fc.record({ accepted: fc.constant(false as const), why: fc.string() }),
    }),
  );
  await walks({
    wire: liveCallsWire,
    protocol: liveCalls,
    context: (past) =>
      liveCallsWorld(RECORDED.slice(0, past).map((event, at) => anEvent(at + 1, event))),
    notice,
  });
});

Deno.test("notifications() survives random walks and always ends cleanly", async () => {
  const status = fc.constantFrom("active", "not_found");
  const notice = fc.oneof<fc.Arbitrary<NotificationsNotice>[]>(
    fc.record({ kind: fc.constant("status" as const), contractId: fc.string(), status }),
    fc.constant({ kind: "unavailable" } as const),
    fc.record({
      kind: fc.constant("update" as const),
      update: fc.constantFrom(
        { type: "contract_update", contract_id: "c", status: "active", timestamp: "1" } as const,
        {
          type: "payment_update",
          contract_id: "c",
          status: "completed",
          amount: 1.5,
          timestamp: "1",
        } as const,
      ),
    }),
  );
  await walks({
    wire: notificationsWire,
    protocol: notifications,
    context: notificationsWorld,
    notice,
  });
});
