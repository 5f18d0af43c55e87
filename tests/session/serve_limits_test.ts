import { assert, assertEquals, assertFalse } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { Limits } from "../../session/limits.ts";
import { type Command, type Event, play, send } from "../../session/protocol.ts";
import type { Wire } from "../../session/wire.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { serveFake } from "../support/fake_socket.ts";

type Heard = Event<unknown, string>;

/** Sends audio back, and a message for each notice. */
async function* echo(events: AsyncIterable<Heard>): AsyncGenerator<Command<never>> {
  for await (const event of events) {
    if (event.kind === "audio") yield play(event.bytes);
    if (event.kind === "notice") yield send({ event: "answer" }) as Command<never>;
  }
}

function served(limits: Partial<Limits>, wire: Wire = inboundCallWire) {
  return serveFake({ wire, protocol: echo, context: () => undefined, limits });
}

const hangup = JSON.stringify({ event: "hangup" });

Deno.test("a flood of text closes with 1008", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ messagesPerSecond: 5 });
  socket.open();
  for (let frames = 0; frames < 10; frames++) socket.hear(hangup);
  assertEquals(socket.closes, []);
  clock.advance(200);
  socket.hear(hangup);
  assertEquals(socket.closes, []);
  socket.hear(hangup);
  assertEquals(socket.closes, [{ code: 1008, reason: "too many messages" }]);
  await session.ended;
  const dropped = { kind: "dropped", what: "messages", why: "flood" };
  assertEquals(tap.facts.filter(({ kind }) => kind === "dropped"), [dropped as never]);
  assertEquals(clock.running, 0);
});

Deno.test("a flood of malformed frames counts as a flood too, in text and in binary", async () => {
  for (const frame of ["nonsense", new ArrayBuffer(1)]) {
    const { socket, session } = served({ messagesPerSecond: 5 }, notificationsWire);
    socket.open();
    for (let frames = 0; frames < 12; frames++) socket.hear(frame);
    await session.ended;
    assertEquals(socket.closes, [{ code: 1008, reason: "too many messages" }]);
  }
});

Deno.test("audio does not count as a flood of messages", async () => {
  const { socket, session, tap } = served({ messagesPerSecond: 1, inboxEvents: 200 });
  socket.open();
  for (let frames = 0; frames < 100; frames++) socket.hear(new ArrayBuffer(320));
  await tap.until("play", 100);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("audio that arrives far faster than real time is dropped, audio at its rate is not", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ audioBytesPerSecond: 3200 });
  socket.open();
  await tap.until("opened");
  const heard = () => tap.kinds.filter((kind) => kind === "audio").length;
  for (let frames = 0; frames < 30; frames++) socket.hear(new ArrayBuffer(320));
  assertEquals(heard(), 20);
  const dropped = { kind: "dropped", what: "audio", why: "flood" };
  assertEquals(tap.facts.filter(({ kind }) => kind === "dropped"), Array(10).fill(dropped));
  for (let frames = 0; frames < 30; frames++) {
    clock.advance(100);
    socket.hear(new ArrayBuffer(320));
  }
  assertEquals(heard(), 50);
  assertEquals(socket.closes, []);
  session.hangUp(1000, "");
  await session.ended;
});

for (
  const [what, bytes, limits] of [
    ["bytes", 320, { audioBytesPerSecond: 3200 }],
    ["empty frames", 0, { audioFramesPerSecond: 10 }],
  ] as const
) {
  Deno.test(`a flood of ${what} on an audio socket is closed with 1008 after a second of it`, async () => {
    using _clock = new FakeClock();
    const { socket, session, tap } = served(limits);
    socket.open();
    await tap.until("opened");
    // Two seconds' worth may come at once, and one more is dropped.
    for (let frames = 0; frames < 30; frames++) socket.hear(new ArrayBuffer(bytes));
    assertEquals(socket.closes, []);
    socket.hear(new ArrayBuffer(bytes));
    assertEquals(socket.closes, [{ code: 1008, reason: "too much audio" }]);
    await session.ended;
    assertEquals(tap.kinds.filter((kind) => kind === "dropped").length, 11);
  });
}

Deno.test("audio that is always slightly too fast is eventually closed with 1008", async () => {
  using clock = new FakeClock();
  const { socket, session } = served({ audioFramesPerSecond: 50 });
  socket.open();
  let frames = 0;
  while (socket.closes.length === 0 && frames < 10_000) {
    clock.advance(10);
    socket.hear(new ArrayBuffer(160));
    frames++;
  }
  assertEquals(socket.closes, [{ code: 1008, reason: "too much audio" }]);
  // A bucket of 100 that loses 50 a second, and then 50 frames that are dropped.
  assert(frames > 250 && frames < 350, `${frames}`);
  await session.ended;
});

Deno.test("audio that caught up after a stall is forgiven once it has kept its rate", async () => {
  using clock = new FakeClock();
  const { socket, session } = served({ audioFramesPerSecond: 100 });
  socket.open();
  for (let stalls = 0; stalls < 5; stalls++) {
    for (let frames = 0; frames < 280; frames++) socket.hear(new ArrayBuffer(320));
    for (let frames = 0; frames < 200; frames++) {
      clock.advance(20);
      socket.hear(new ArrayBuffer(320));
    }
    assertEquals(socket.closes, []);
  }
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("a full inbox drops audio and counts it; the session continues", async () => {
  const { socket, session, tap } = served({ inboxEvents: 2 });
  socket.open();
  await tap.until("opened");
  for (let frames = 0; frames < 6; frames++) socket.hear(new ArrayBuffer(320));
  const dropped = tap.facts.filter(({ kind }) => kind === "dropped");
  assert(dropped.length >= 3);
  assertEquals(dropped[0], { kind: "dropped", what: "audio", why: "flood" });
  assertEquals(tap.kinds.filter((kind) => kind === "audio").length, 6 - dropped.length);
  assertEquals(socket.closes, []);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("a message for a full inbox closes with 1008", async () => {
  const { socket, session } = served({ inboxEvents: 2 });
  socket.open();
  for (let frames = 0; frames < 6; frames++) socket.hear(hangup);
  await session.ended;
  assertEquals(socket.closes, [{ code: 1008, reason: "too many messages" }]);
});

Deno.test("a notice for a full inbox closes with 1008, and its sender gets false", async () => {
  const { socket, session, tap } = served({ inboxEvents: 2 });
  socket.open();
  const told = Array.from({ length: 6 }, () => session.notify("news"));
  assertEquals(told.slice(0, 2), [true, true]);
  assertFalse(told.at(-1));
  await session.ended;
  assertEquals(socket.closes, [{ code: 1008, reason: "too many notices" }]);
  assertEquals(tap.facts.filter(({ kind }) => kind === "dropped").length, 1);
});

Deno.test("binary on a wire without audio is malformed: `binary refused`", async () => {
  const { socket, session, tap } = served({}, notificationsWire);
  socket.open();
  socket.hear(new ArrayBuffer(7));
  assertEquals(tap.facts.at(-1), { kind: "malformed", why: "binary refused", detail: "7 bytes" });
  assertEquals(socket.closes, []);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("a text frame over its limit closes with 1009, counted in bytes of UTF-8", async () => {
  const cases: [string, boolean][] = [
    ["x".repeat(60), true],
    ["x".repeat(61), false],
    ["€".repeat(20), true],
    ["€".repeat(20) + "x", false],
    ["😀".repeat(15), true],
    ["😀".repeat(15) + "x", false],
  ];
  for (const [text, fits] of cases) {
    const { socket, session } = served({ textBytes: 60 });
    socket.open();
    socket.hear(text);
    const reason = "text frames hold 60 bytes at most";
    assertEquals(socket.closes, fits ? [] : [{ code: 1009, reason }], text);
    session.hangUp(1000, "");
    await session.ended;
  }
});

Deno.test("an audio frame over its limit closes with 1009", async () => {
  const { socket, session, tap } = served({ audioBytes: 320 });
  socket.open();
  socket.hear(new ArrayBuffer(320));
  await tap.until("play");
  socket.hear(new ArrayBuffer(321));
  await session.ended;
  assertEquals(socket.closes, [{ code: 1009, reason: "binary frames hold 320 bytes at most" }]);
});

Deno.test("a slow peer loses audio first, and is closed with 1013 past the limit", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ lateAudioMs: 200, bufferedBytes: 10_000 });
  socket.open();
  const frame = async (times: number) => {
    clock.advance(20);
    socket.hear(new ArrayBuffer(320));
    await tap.until("play", times);
  };
  await frame(1);
  assertEquals(socket.sent.length, 1);
  socket.bufferedAmount = 9_000;
  // The buffer is looked at with every eighth frame, and from then on with every frame.
  for (let times = 2; times <= 9; times++) await frame(times);
  assertEquals(socket.sent.length, 9, "for a moment a buffer may be full");
  clock.advance(200);
  await frame(10);
  assertEquals(socket.sent.length, 9);
  assertEquals(tap.facts.at(-1), { kind: "dropped", what: "audio", why: "slow peer" });
  session.notify("go");
  await tap.until("send");
  assertEquals(socket.sent.length, 10, "messages still go out");
  socket.bufferedAmount = 10_000;
  session.notify("go");
  await tap.until("send", 2);
  assertEquals(socket.closes, [], "so much may wait");
  socket.bufferedAmount = 10_001;
  session.notify("go");
  await session.ended;
  assertEquals(socket.closes, [{ code: 1013, reason: "too slow" }]);
  const dropped = tap.facts.filter((fact) => fact.kind === "dropped").map(({ what }) => what);
  assertEquals(dropped, ["audio", "messages"]);
  assertEquals(clock.running, 0);
});

Deno.test("a peer that has caught up receives audio again", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ lateAudioMs: 200 });
  socket.open();
  socket.bufferedAmount = 9_000;
  for (const times of [1, 2]) {
    clock.advance(300);
    socket.hear(new ArrayBuffer(320));
    await tap.until("play", times);
  }
  assertEquals(socket.sent.length, 1);
  socket.bufferedAmount = 0;
  socket.hear(new ArrayBuffer(320));
  await tap.until("play", 3);
  assertEquals(socket.sent.length, 2);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("audio that we read too late is dropped before it is echoed", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ lateAudioMs: 200 });
  socket.open();
  socket.hear(new ArrayBuffer(320));
  clock.stall(500);
  for (let frames = 0; frames < 25; frames++) socket.hear(new ArrayBuffer(320));
  const dropped = tap.facts.filter((fact) => fact.kind === "dropped");
  assertEquals(dropped[0], { kind: "dropped", what: "audio", why: "late" });
  assertEquals(dropped.length, 14, "480 ms late by the first, and 20 ms less by each after it");
  session.hangUp(1000, "");
  await session.ended;
  assertEquals(clock.running, 0);
});

Deno.test("the first audio may be late too, and audio of exactly lateAudioMs is not too late", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ lateAudioMs: 190 });
  socket.open();
  clock.stall(500);
  for (let frames = 0; frames < 25; frames++) socket.hear(new ArrayBuffer(320));
  // 470 ms late by the first, and 20 ms less by each after it.
  assertEquals(tap.facts.filter((fact) => fact.kind === "dropped").length, 14);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("a session that receives nothing for idleMs is closed with 1001", async () => {
  using clock = new FakeClock();
  const { socket, session } = served({ idleMs: 1000 });
  socket.open();
  clock.advance(900);
  socket.hear(hangup);
  clock.advance(100);
  assertEquals(socket.closes, []);
  clock.advance(500);
  socket.hear(new ArrayBuffer(320));
  clock.advance(500);
  assertEquals(socket.closes, [], "audio is a sign of life");
  clock.advance(1000);
  await session.ended;
  assertEquals(socket.closes, [{ code: 1001, reason: "idle" }]);
  assertEquals(clock.running, 0);
});

Deno.test("a session without idleMs may be silent forever", async () => {
  using clock = new FakeClock();
  const { socket, session } = served({}, notificationsWire);
  socket.open();
  clock.advance(86_400_000);
  assertEquals(socket.closes, []);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("a session that receives no audio for idleAudioMs is closed with 1001, whatever else arrives", async () => {
  using clock = new FakeClock();
  const { socket, session } = served({ idleAudioMs: 1000 });
  socket.open();
  clock.advance(900);
  socket.hear(new ArrayBuffer(320));
  clock.advance(1000);
  assertEquals(socket.closes, []);
  clock.advance(50);
  socket.hear(hangup);
  clock.advance(950);
  await session.ended;
  assertEquals(socket.closes, [{ code: 1001, reason: "idle" }]);
  assertEquals(clock.running, 0);
});

Deno.test("a session whose first message takes longer than firstMessageMs is closed with 1008", async () => {
  using clock = new FakeClock();
  for (const says of [true, false]) {
    const { socket, session } = served({ firstMessageMs: 1000 });
    socket.open();
    clock.advance(999);
    socket.hear(new ArrayBuffer(320));
    if (says) socket.hear(hangup);
    clock.advance(1);
    const reason = "no message came within 1000 ms";
    assertEquals(socket.closes, says ? [] : [{ code: 1008, reason }]);
    session.hangUp(1000, "");
    await session.ended;
  }
  assertEquals(clock.running, 0);
});

Deno.test("audio before the first message is closed with 1008 after five seconds of it", async () => {
  using _clock = new FakeClock();
  for (const says of [true, false]) {
    const { socket, session } = served({ firstMessageMs: 60_000 });
    socket.open();
    for (let frames = 0; frames < 250; frames++) socket.hear(new ArrayBuffer(0));
    assertEquals(socket.closes, []);
    if (says) socket.hear(hangup);
    socket.hear(new ArrayBuffer(0));
    assertEquals(socket.closes, says ? [] : [{ code: 1008, reason: "too much audio" }]);
    session.hangUp(1000, "");
    await session.ended;
  }
});

Deno.test("a flood of text is closed with 1008 by its bytes too", async () => {
  using clock = new FakeClock();
  const { socket, session, tap } = served({ textBytesPerSecond: 100 });
  socket.open();
  // Two seconds' worth at once; a character of three bytes counts as three.
  const bytes = 100 - hangup.length;
  socket.hear(hangup + " ".repeat(bytes));
  socket.hear(hangup + " ".repeat(bytes));
  assertEquals(socket.closes, []);
  clock.advance(500);
  socket.hear(`"${"€".repeat(17)}"`);
  assertEquals(socket.closes, [{ code: 1008, reason: "too many messages" }]);
  await session.ended;
  const dropped = { kind: "dropped", what: "messages", why: "flood" };
  assertEquals(tap.facts.filter(({ kind }) => kind === "dropped"), [dropped as never]);
});
