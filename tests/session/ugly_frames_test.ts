import { assertEquals, assertNotEquals } from "@std/assert";
import { Client } from "../support/client.ts";
import { QUIET_INBOUND } from "../support/lines.ts";
import {
  BINARY,
  CONTINUATION,
  frameBytes,
  type RawFrame,
  RawSocket,
  TEXT,
} from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const PING = 9;
const PONG = 10;
const settings = {
  ...QUIET_INBOUND,
  LIMIT_TEXT_BYTES: "1024",
  LIMIT_AUDIO_BYTES: "640",
  LIMIT_LATE_AUDIO_MS: "60000",
};
const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" };
const NOTIFICATIONS = "/api/v1/ws/a";
const text = (words: string) => new TextEncoder().encode(words);

const LENGTHS: [what: string, frame: string | Uint8Array<ArrayBuffer>, code: number | null][] = [
  ["text at the limit", pingOf("x", 1024), null],
  ["text over the limit", pingOf("x", 1025), 1009],
  ["text over the limit in UTF-8 only", pingOf("🌽", 1028), 1009],
  ["text of many times the limit", "x".repeat(1_000_000), 1009],
];

for (const [what, frame, code] of LENGTHS) {
  Deno.test(`ugly frames: ${what} ${code ? `closes with ${code}` : "is accepted"}`, async () => {
    await using server = await TestServer.start({ settings });
    await using client = await Client.open(server.ws(NOTIFICATIONS));
    client.send(frame);
    if (code === null) await client.next({ type: "pong" });
    else assertEquals((await client.whenClosed()).code, code);
    await stillServes(server);
  });
}

Deno.test("ugly frames: audio over the limit closes with 1009, audio at the limit is echoed", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await Client.open(server.ws("/"));
  line.send(INCOMING);
  await line.next({ event: "answer" });
  line.send(new Uint8Array(640));
  assertEquals((await line.nextAudio()).length, 640);
  line.send(new Uint8Array(641));
  assertEquals((await line.whenClosed()).code, 1009);
  assertEquals((await server.call("inbound", "s", ({ cdr }) => cdr !== null)).state, "ended");
  await stillServes(server);
});

Deno.test("ugly frames: text in fragments is one message, with pings in between", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  await raw.frame({ opcode: TEXT, payload: text('{"type":"pi'), fin: false });
  await raw.frame({ opcode: CONTINUATION, payload: text('ng","timest'), fin: false });
  await raw.frame({ opcode: PING, payload: text("hi") });
  await raw.frame({ opcode: CONTINUATION, payload: text('amp":"a b"}') });
  assertEquals((await raw.read()).opcode, PONG);
  assertEquals(await raw.next(), { type: "pong", timestamp: "a b" });
});

Deno.test("ugly frames: audio in fragments is one frame", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, "/");
  await raw.send(INCOMING);
  await raw.next({ event: "answer" });
  await raw.frame({ opcode: BINARY, payload: new Uint8Array([1, 2]), fin: false });
  await raw.frame({ opcode: CONTINUATION, payload: new Uint8Array([3]) });
  assertEquals([...(await raw.read()).payload], [1, 2, 3]);
});

Deno.test("ugly frames: frames that arrive byte by byte are received", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  const frame = frameBytes({ opcode: TEXT, payload: text('{"type":"ping","timestamp":1}') });
  for (const byte of frame) await raw.write(new Uint8Array([byte]));
  assertEquals(await raw.next(), { type: "pong", timestamp: 1 });
});

Deno.test("ugly frames: many frames in one segment are all received, in order", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  const frames = Array.from(
    { length: 100 },
    (_, timestamp) =>
      frameBytes({ opcode: TEXT, payload: text(JSON.stringify({ type: "ping", timestamp })) }),
  );
  await raw.write(new Uint8Array(await new Blob(frames as BlobPart[]).arrayBuffer()));
  for (let timestamp = 0; timestamp < 100; timestamp++) {
    assertEquals((await raw.next())["timestamp"], timestamp);
  }
});

const BROKEN: [what: string, frames: RawFrame[]][] = [
  ["invalid UTF-8", [{ opcode: TEXT, payload: new Uint8Array([0xff, 0xfe]) }]],
  ["half a character", [{ opcode: TEXT, payload: new Uint8Array([0x22, 0xe2, 0x82]) }]],
  ["a reserved opcode", [{ opcode: 3, payload: text("x") }]],
  ["a continuation without a message", [{ opcode: CONTINUATION, payload: text("x") }]],
  ["a ping that is too long", [{ opcode: PING, payload: new Uint8Array(126) }]],
  ["a fragmented ping", [{ opcode: PING, fin: false }]],
  ["a text within a text", [
    { opcode: TEXT, payload: text("{"), fin: false },
    { opcode: TEXT, payload: text("}") },
  ]],
  ["a close frame of one byte", [{ opcode: 8, payload: new Uint8Array([3]) }]],
  ["an invalid close code", [{ opcode: 8, payload: new Uint8Array([0, 5]) }]],
];

for (const [what, frames] of BROKEN) {
  Deno.test(`ugly frames: ${what} ends only its own session`, async () => {
    await using server = await TestServer.start({ settings });
    using raw = await RawSocket.open(server.port, "/");
    await raw.send(INCOMING);
    await raw.next({ event: "answer" });
    for (const frame of frames) await raw.frame(frame);
    raw.leave();
    const { code } = await server.log.some(({ msg }) => msg === "session ended");
    assertNotEquals(code, 1011);
    const call = await server.call("inbound", "s", ({ cdr }) => cdr !== null);
    assertEquals(call.state, "ended");
    await stillServes(server);
  });
}

Deno.test("ugly frames: unmasked frames do no harm", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  await raw.frame({ opcode: TEXT, payload: text('{"type":"ping"}'), masked: false });
  await raw.frame({ opcode: BINARY, payload: new Uint8Array(9), masked: false });
  await stillServes(server);
});

Deno.test("ugly frames: a frame that claims an endless length does no harm", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  await raw.write(new Uint8Array([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await raw.write(new Uint8Array(1000));
  await stillServes(server);
});

/** A ping with a timestamp that makes its frame so long, in bytes. */
function pingOf(character: string, bytes: number): string {
  const frame = (timestamp: string) => JSON.stringify({ type: "ping", timestamp });
  const room = bytes - text(frame("")).length;
  return frame(character.repeat(room / text(character).length));
}

async function stillServes(server: TestServer): Promise<void> {
  await using client = await Client.open(server.ws(NOTIFICATIONS));
  client.send({ type: "ping", timestamp: "well" });
  await client.next({ type: "pong", timestamp: "well" });
  assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
}
