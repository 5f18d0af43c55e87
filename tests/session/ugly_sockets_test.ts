import { assertEquals } from "@std/assert";
import { Client } from "../support/client.ts";
import { answerTo } from "../support/http.ts";
import { BEARER, inboundCall, QUIET_INBOUND, sessionNew } from "../support/lines.ts";
import { BINARY, frameBytes, RawSocket, ResetSocket, TEXT } from "../support/raw_socket.ts";
import { type LogLine, TestServer } from "../support/server.ts";

const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "ugly" };
const NOTIFICATIONS = "/api/v1/ws/a";
const HEAD = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
  "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

for (const what of ["reset", "dropped"] as const) {
  Deno.test(`ugly sockets: a ${what} connection ends only its own session, on each door`, async () => {
    await using server = await TestServer.start({ settings: QUIET_INBOUND });
    const opened = (door: string) =>
      server.log.next(
        (line) => line.msg === "session opened" && line["door"] === door,
        `a session opened on the door ${door}`,
      );
    await using line = await inboundCall(server);
    await opened("inbound call");
    const { calls: [{ liveConversationToken }] } = await server.rest("GET", "/calls");
    const doors: [door: string, path: string, headers: Record<string, string>, said: object][] = [
      ["inbound call", "/", {}, INCOMING],
      ["jambonz", "/jambonz", { "sec-websocket-protocol": "ws.jambonz.org" }, sessionNew()],
      ["live calls", `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`, BEARER, {}],
      ["notifications", NOTIFICATIONS, {}, { type: "ping" }],
    ];
    for (const [door, path, headers, said] of doors) {
      // A client that leaves before the server has opened its end of the socket never had a session.
      if (what === "reset") {
        const socket = await ResetSocket.open(server.port, path, headers);
        await opened(door);
        await socket.sendAndReset(said);
      } else {
        using raw = await RawSocket.open(server.port, path, headers);
        await opened(door);
        await raw.send(said);
      }
    }
    const ended = (line: LogLine) => line.msg === "session ended";
    for (const [door] of doors) {
      const { code } = await server.log.some((line) => ended(line) && line["door"] === door);
      assertEquals(code, 1006);
    }
    await echoes(line);
    assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
  });
}

Deno.test("ugly sockets: a peer that never answers a close is forgotten too", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET_INBOUND, INBOUND_CDR_WAIT_MS: "0" },
  });
  using mute = await RawSocket.open(server.port, "/");
  await mute.send(INCOMING);
  await mute.next({ event: "answer" });
  await mute.send({ event: "hangup" });
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 1000);
  const ready = await (await answerTo(server.http("/readyz"))).json();
  assertEquals(ready.sessions, 0);
  // Everything it sends from now on is ignored.
  await mute.send(INCOMING);
  await mute.send("{");
  await stillServes(server);
  assertEquals(server.log.all.filter(({ msg }) => msg === "unexpected event"), []);
});

const FLOODS: [what: string, path: string, opcode: number, payload: string][] = [
  ["text", NOTIFICATIONS, TEXT, '{"type":"ping"}'],
  ["malformed text", NOTIFICATIONS, TEXT, "{"],
  ["binary frames on a text wire", NOTIFICATIONS, BINARY, "x"],
  ["text on a line", "/", TEXT, '{"event":"dtmf","digit":"1"}'],
];

for (const [what, path, opcode, payload] of FLOODS) {
  Deno.test(`ugly sockets: a flood of ${what} closes with 1008, another call continues`, async () => {
    await using server = await TestServer.start({
      settings: { ...QUIET_INBOUND, LIMIT_MESSAGES_PER_SECOND: "10" },
    });
    await using line = await inboundCall(server);
    using flooder = await RawSocket.open(server.port, path);
    const frame = frameBytes({ opcode, payload: new TextEncoder().encode(payload) });
    // In one segment: Deno loses our close frame when more comes after it has been sent.
    await flooder.write(await new Blob(Array(200).fill(frame)).bytes());
    assertEquals(await flooder.closeCode(), 1008);
    await echoes(line);
    const ended = (line: LogLine) => line.msg === "session ended" && line["code"] === 1008;
    const { session } = await server.log.some(ended);
    const lines = server.log.all.filter((line) => line["session"] === session);
    assertEquals(lines.filter(({ msg }) => msg === "session dropped data").length, 1);
  });
}

Deno.test("ugly sockets: an endless flood is cut off, its call ends with our own CDR", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET_INBOUND, LIMIT_MESSAGES_PER_SECOND: "10" },
  });
  await using line = await inboundCall(server);
  for (let index = 0; index < 5000; index++) line.send({ event: "dtmf", digit: "1" });
  await line.whenClosed();
  const { cdr } = await server.call("inbound", "in-1", ({ cdr }) => cdr !== null);
  assertEquals(cdr?.madeByUs, true);
  await stillServes(server);
});

Deno.test("ugly sockets: a client that does not read is closed with 1013, others are served", async () => {
  await using server = await TestServer.start({
    settings: {
      LIMIT_BUFFERED_BYTES: "65536",
      LIMIT_MESSAGES_PER_SECOND: "100000",
      LIMIT_TEXT_BYTES_PER_SECOND: "1000000000",
    },
  });
  await using other = await Client.open(server.ws(NOTIFICATIONS));
  using slow = await RawSocket.open(server.port, NOTIFICATIONS);
  const large = { type: "ping", timestamp: "x".repeat(60_000) };
  // The kernel's own buffers accept some megabytes before anything is queued in ours.
  for (let sent = 0; sent < 1000 && !hasEnded(server); sent++) {
    // The server may cut it off during a write.
    await slow.send(large).catch(() => {});
    other.send({ type: "ping", timestamp: sent });
    await other.next({ type: "pong", timestamp: sent });
  }
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 1013);
  await stillServes(server);
});

Deno.test("ugly sockets: a line that does not read loses audio, and gets audio again when it reads", async () => {
  await using server = await TestServer.start({
    settings: {
      ...QUIET_INBOUND,
      LIMIT_LATE_AUDIO_MS: "20",
      LIMIT_AUDIO_BYTES_PER_SECOND: "1000000000",
      LIMIT_AUDIO_FRAMES_PER_SECOND: "1000000",
    },
  });
  await using other = await inboundCall(server, "other");
  using slow = await RawSocket.open(server.port, "/");
  await slow.send(INCOMING);
  await slow.next({ event: "answer" });
  const dropped = (line: LogLine) => line["what"] === "audio" && line["why"] === "slow peer";
  const payload = new Uint8Array(32 * 1024);
  // The kernel's own buffers accept some megabytes before anything is queued in ours.
  for (let sent = 0; sent < 5000 && !server.log.all.some(dropped); sent++) {
    await slow.frame({ opcode: BINARY, payload });
    if (sent % 50 === 0) await stillServes(server);
  }
  await server.log.some(dropped);
  // Long enough to make up for frames that came late on a busy machine.
  const last = new Uint8Array(16 * 1024);
  // One read of everything that waits; then the line is as fast as any.
  const drained = drain(slow, last);
  let sending = sendOne(slow, last);
  while (!(await Promise.race([drained, sending]))) sending = sendOne(slow, last);
  await sending;
  await other.close();
  await slow.send({ event: "hangup" });
  await slow.send({ event: "cdr" });
  assertEquals(await slow.closeCode(), 1000);
});

Deno.test("ugly sockets: clients that leave right after their handshake do no harm", async () => {
  await using server = await TestServer.start();
  for (let index = 0; index < 30; index++) {
    const raw = await RawSocket.connect(server.port);
    await raw.write(`${HEAD}\r\n`);
    raw.leave();
  }
  await stillServes(server);
});

Deno.test("ugly sockets: a handshake that never ends does no harm", async () => {
  await using server = await TestServer.start();
  using raw = await RawSocket.connect(server.port);
  await raw.write(HEAD);
  await stillServes(server);
});

for (
  const [what, bytes] of [
    ["HTTP/1.0", HEAD.replace("HTTP/1.1", "HTTP/1.0") + "\r\n"],
    ["a body", `${HEAD}content-length: 5\r\n\r\nhello`],
    ["a frame in the same segment", `${HEAD}\r\n\x81\x80\0\0\0\0`],
    ["two keys", `${HEAD}sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`],
    ["POST", `${HEAD.replace("GET", "POST")}\r\n`],
    ["bytes that are not HTTP", "\x16\x03\x01\x02\0\x01\0\x01\xfc\r\n\r\n"],
    ["a head of a megabyte", `GET / HTTP/1.1\r\nx: ${"x".repeat(1_000_000)}\r\n\r\n`],
  ] as const
) {
  Deno.test(`ugly sockets: a handshake with ${what} does no harm`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    await raw.write(bytes).catch(() => {});
    await raw.answer().catch(() => {});
    raw.leave();
    await stillServes(server);
  });
}

function hasEnded(server: TestServer): boolean {
  return server.log.all.some(({ msg }) => msg === "session ended");
}

async function echoes(line: Client): Promise<void> {
  const frame = new Uint8Array([1, 2, 3]);
  line.send(frame);
  assertEquals(await line.nextAudio(), frame);
}

async function stillServes(server: TestServer): Promise<void> {
  await using client = await Client.open(server.ws(NOTIFICATIONS));
  client.send({ type: "ping", timestamp: "well" });
  await client.next({ type: "pong", timestamp: "well" });
}

/** Reads until this frame comes back. */
async function drain(socket: RawSocket, frame: Uint8Array): Promise<true> {
  while (true) {
    const { opcode, payload } = await socket.read();
    if (opcode === BINARY && payload.length === frame.length) return true;
  }
}

/** Sends a frame and yields to the event loop. */
async function sendOne(socket: RawSocket, payload: Uint8Array): Promise<false> {
  await socket.frame({ opcode: BINARY, payload });
  return false;
}
