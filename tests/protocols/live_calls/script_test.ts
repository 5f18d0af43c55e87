import { assert, assertEquals } from "@std/assert";
import type { NewRecordEvent, RecordEvent } from "../../../calls/call_record.ts";
import { liveCallsWire } from "../../../protocols/live_calls/messages.ts";
import { liveCalls } from "../../../protocols/live_calls/session.ts";
import { saidIn, Script } from "../../support/script.ts";
import { aCall, anEvent, liveCallsWorld } from "../../support/worlds.ts";

const STARTED = anEvent(1, { type: "started", actor: "line", data: { direction: "inbound" } });
const HELLO = anEvent(2, {
  type: "transcript",
  actor: "us",
  data: { msg: "Hello", role: "assistant", offset: 0 },
});
const SCREENED = anEvent(3, {
  type: "screening_ended",
  actor: "us",
  data: { msg: "The call is transferred" },
});
const ENDED = anEvent(4, { type: "ended", actor: "line", data: { by: "caller", reason: "bye" } });

const START_SAID = {
  type: "event:start",
  phone: "+254712345678",
  timestamp: "2026-11-21T08:00:01.000Z",
} as const;
const HELLO_SAID = { type: "transcript", msg: "Hello", role: "assistant", offset: 0 } as const;
const SCREENED_SAID = { type: "event:end", msg: "The call is transferred" } as const;
const END_SAID = { type: "event:callEnd", timestamp: "2026-11-21T08:00:04.000Z" } as const;
const CLOSE = { kind: "close", code: 1000, reason: "the call is over" } as const;

function watch(past: RecordEvent[] = [], call = aCall()) {
  const world = liveCallsWorld(past, call);
  return { script: new Script(liveCallsWire, liveCalls, world), told: world.told };
}

function recorded(event: RecordEvent) {
  return { kind: "recorded", event, call: aCall() } as const;
}

Deno.test("liveCalls() sends the call's events as they happen, up to its end", async () => {
  const { script } = watch([STARTED]);
  assertEquals(saidIn(await script.begin()), [START_SAID]);
  assertEquals(saidIn(await script.notify(recorded(HELLO))), [HELLO_SAID]);
  assertEquals(saidIn(await script.notify(recorded(SCREENED))), [SCREENED_SAID]);
  const last = await script.notify(recorded(ENDED));
  assertEquals(saidIn(last), [END_SAID]);
  assertEquals(last.at(-1), CLOSE);
  assert(script.over);
});

Deno.test("liveCalls() first sends a late watcher the past", async () => {
  const { script } = watch([STARTED, HELLO, SCREENED]);
  assertEquals(saidIn(await script.begin()), [START_SAID, HELLO_SAID, SCREENED_SAID]);
  await script.close(1000);
  assert(script.over);
});

Deno.test("liveCalls() sends the end to a watcher who connects as the call ends", async () => {
  const { script } = watch([STARTED, ENDED]);
  const commands = await script.begin();
  assertEquals(saidIn(commands), [START_SAID, END_SAID]);
  assertEquals(commands.at(-1), CLOSE);
  await script.tell();
  assert(script.over);
});

Deno.test("liveCalls() sends nothing of a record that continues after the end", async () => {
  const cdr = anEvent(5, { type: "cdr", actor: "line", data: { cdr: {} } });
  const late = anEvent(6, HELLO);
  const before = watch([STARTED, ENDED, cdr, late, anEvent(7, ENDED)]);
  await before.script.tell();
  assertEquals(before.script.said.at(-1), END_SAID);
  const live = watch();
  const events = [ENDED, cdr, late, anEvent(7, ENDED)];
  await live.script.tell(
    ...events.map((event) => ({ kind: "notice", notice: recorded(event) }) as const),
  );
  assertEquals(live.script.said, [END_SAID]);
});

Deno.test("liveCalls() answers nothing after the end", async () => {
  const { script, told } = watch();
  await script.tell(
    { kind: "notice", notice: recorded(ENDED) },
    { kind: "message", message: { type: "client:joinCall", id: "m1" } },
    { kind: "malformed", why: "not json", detail: "" },
    { kind: "notice", notice: { kind: "outcome", messageId: "m0", outcome: { accepted: true } } },
  );
  assertEquals(script.said, [END_SAID]);
  assertEquals(told.filter(([name]) => name === "ask"), []);
});

Deno.test("liveCalls() gives the caller in E.164, or as the line did", async () => {
  const sip = watch([STARTED], aCall({ from: "sip:bob@example.com", fromE164: null }));
  assertEquals(saidIn(await sip.script.begin()), [{ ...START_SAID, phone: "sip:bob@example.com" }]);
  await sip.script.close(1000);
});

Deno.test("liveCalls() sends a transcript without an offset if the call is not answered", async () => {
  const { script } = watch();
  const data = { msg: "Ring", role: "other" } as const;
  const event = anEvent(2, { type: "transcript", actor: "line", data });
  assertEquals(saidIn(await script.notify(recorded(event))), [{ type: "transcript", ...data }]);
  await script.close(1000);
});

Deno.test("liveCalls() omits events that are not for watchers", async () => {
  const { script } = watch();
  const others: NewRecordEvent[] = [
    { type: "answered", actor: "us", data: {} },
    { type: "dtmf", actor: "line", data: { digit: "1", from: "caller" } },
    { type: "watched", actor: "user 7", data: { userId: "7", productVersion: null } },
    { type: "join_requested", actor: "user 7", data: { messageId: "m1", number: null } },
    { type: "end_requested", actor: "user 7", data: { messageId: "m1" } },
    { type: "interrupted", actor: "us", data: {} },
    { type: "line_lost", actor: "line", data: { code: 1006 } },
    { type: "line_back", actor: "line", data: {} },
    { type: "line_event", actor: "line", data: { type: "leg" } },
    { type: "note", actor: "us", data: { text: "secret" } },
    { type: "cdr", actor: "line", data: { cdr: {} } },
  ];
  for (const [at, event] of others.entries()) {
    assertEquals(await script.notify(recorded(anEvent(at + 2, event))), [], event.type);
  }
  await script.close(1000);
});

Deno.test("liveCalls() requests joins and ends, and acknowledges them once accepted", async () => {
  const { script, told } = watch();
  assertEquals(await script.hear({ type: "client:joinCall", id: "m1" }), []);
  assertEquals(await script.hear({ type: "client:endCall", id: "m2" }), []);
  assertEquals(told, [["ask", "join", "m1"], ["ask", "end", "m2"]]);
  const accepted = { kind: "outcome", messageId: "m1", outcome: { accepted: true } } as const;
  assertEquals(saidIn(await script.notify(accepted)), [{ type: "ack", ackId: "m1" }]);
  assertEquals(saidIn(await script.notify(accepted)), [{ type: "ack", ackId: "m1" }], "again");
  await script.close(1000);
});

Deno.test("liveCalls() reports why a request failed, without an ack", async () => {
  const { script } = watch();
  const why = "Cannot join call 1b2c: it is over";
  const refused = { kind: "outcome", messageId: "m1", outcome: { accepted: false, why } } as const;
  assertEquals(saidIn(await script.notify(refused)), [{ type: "error", description: why }]);
  await script.close(1000);
});

Deno.test("liveCalls() answers an invalid message with an error and stays open", async () => {
  const { script, told } = watch();
  const bad = [
    ["nonsense", "Cannot understand the message: it is not JSON"],
    ["[]", "Cannot understand the message: not an object"],
    [
      '{"type":"client:sing","id":"m1"}',
      'Cannot understand a message of the type "client:sing"; ' +
      "the types are client:joinCall and client:endCall",
    ],
  ] as const;
  for (const [text, description] of bad) {
    assertEquals(saidIn(await script.hearText(text)), [{ type: "error", description }]);
  }
  const [shape] = saidIn(await script.hearText('{"type":"client:joinCall","id":5}'));
  assert(shape?.type === "error" && shape.description.includes("id:"), JSON.stringify(shape));
  const binary = { kind: "malformed", why: "binary refused", detail: "3 bytes" } as const;
  assertEquals(saidIn(await script.tell(binary)), [{
    type: "error",
    description: "Cannot take binary frames: messages are JSON text",
  }]);
  assertEquals(
    told.map(([, why]) => why),
    ["not json", "bad shape", "unknown type", "bad shape", "binary refused"],
  );
  assertEquals(saidIn(await script.hear({ type: "client:endCall", id: "m2" })), []);
  assertEquals(told.at(-1), ["ask", "end", "m2"]);
  await script.close(1000);
});

Deno.test("liveCalls() refuses ids that are empty, too long or missing", async () => {
  const { script, told } = watch();
  for (const id of ["", "x".repeat(257), undefined]) {
    const [error] = saidIn(await script.hearText(JSON.stringify({ type: "client:endCall", id })));
    assertEquals(error?.type, "error");
  }
  assertEquals(told.filter(([name]) => name === "ask"), []);
  await script.hear({ type: "client:endCall", id: "x".repeat(256) });
  assertEquals(told.filter(([name]) => name === "ask").length, 1);
  await script.close(1000);
});

Deno.test("liveCalls() ends silently when the watcher leaves; the call continues", async () => {
  const { script, told } = watch();
  assertEquals(await script.close(1006), []);
  assert(script.over);
  assertEquals(told, []);
});
