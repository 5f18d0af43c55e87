/** Slow peers, and peers that waste our time, on the hardened transport. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { inboundCall, QUIET_INBOUND } from "../../support/lines.ts";
import { BINARY, CLOSE, CONTINUATION, RawSocket, TEXT } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const hardened = { ...QUIET_INBOUND, TRANSPORT: "hardened" };
const QUICK = { ...hardened, LIMIT_HEADERS_MS: "300", LIMIT_CLOSE_MS: "300" };
const NOTIFICATIONS = "/api/v1/ws/a";

for (
  const [what, bytes] of [
    ["nothing at all", ""],
    ["half a request line", "GET /rea"],
    ["half its headers", "GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "],
    [
      "half a handshake",
      "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgr",
    ],
  ] as const
) {
  Deno.test(`listenHardened() drops a connection that sends ${what}`, async () => {
    await using server = await TestServer.start({ settings: QUICK });
    using raw = await RawSocket.connect(server.port);
    await raw.write(bytes);
    await raw.gone();
    await stillServes(server);
  });
}

Deno.test("listenHardened() drops a request whose head arrives byte by byte", async () => {
  await using server = await TestServer.start({ settings: QUICK });
  using raw = await RawSocket.connect(server.port);
  const gone = raw.gone();
  await raw.write("GET /readyz HTTP/1.1\r\n");
  let isGone = false;
  gone.then(() => isGone = true);
  while (!isGone) {
    await raw.write("x: y\r\n").catch(() => isGone = true);
    await answerTo(server.http("/readyz"));
  }
  await gone;
});

Deno.test("listenHardened() cuts off a peer that never answers a close", async () => {
  await using server = await TestServer.start({
    settings: { ...QUICK, INBOUND_CDR_WAIT_MS: "0" },
  });
  using mute = await RawSocket.open(server.port, "/");
  await mute.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  await mute.next({ event: "answer" });
  await mute.send({ event: "hangup" });
  assertEquals(await mute.closeCode(), 1000);
  await mute.gone();
});

Deno.test("listenHardened() closes at once when the peer answers the close", async () => {
  await using server = await TestServer.start({ settings: hardened });
  using raw = await RawSocket.open(server.port, NOTIFICATIONS);
  await raw.frame({ opcode: CLOSE, payload: new Uint8Array([0x0f, 0xa0]) });
  const { opcode, payload } = await raw.read();
  assertEquals([opcode, ...payload], [CLOSE, 0x0f, 0xa0]);
  await raw.gone();
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 4000);
});

Deno.test("listenHardened() accepts no more than LIMIT_CONNECTIONS, half requests included", async () => {
  await using server = await TestServer.start({
    settings: { ...QUICK, LIMIT_CONNECTIONS: "5" },
  });
  const halves = await Promise.all(Array.from({ length: 5 }, () => half(server)));
  using sixth = await RawSocket.connect(server.port);
  await sixth.gone();
  await Promise.all(halves.map((raw) => raw.gone()));
  for (const raw of halves) raw.leave();
  await stillServes(server);
});

Deno.test("listenHardened() accepts no more than LIMIT_CONNECTIONS_PER_ADDRESS", async () => {
  await using server = await TestServer.start({
    settings: { ...hardened, LIMIT_CONNECTIONS_PER_ADDRESS: "2" },
  });
  using one = await RawSocket.open(server.port, NOTIFICATIONS);
  using two = await half(server);
  using three = await RawSocket.connect(server.port);
  await three.gone();
  two.leave();
  await one.send({ type: "ping", timestamp: 1 });
  await one.next({ type: "pong" });
});

Deno.test("listenHardened() closes an endless fragmented message with 1009", async () => {
  await using server = await TestServer.start({ settings: hardened });
  await using line = await inboundCall(server);
  for (const opcode of [BINARY, TEXT]) {
    using flooder = await RawSocket.open(server.port, NOTIFICATIONS);
    const payload = new Uint8Array(16 * 1024).fill(32);
    await flooder.frame({ opcode, payload, fin: false });
    for (let sent = 0; sent < 5; sent++) {
      await flooder.frame({ opcode: CONTINUATION, payload, fin: false });
    }
    assertEquals(await flooder.closeCode(), 1009);
  }
  line.send(new Uint8Array([1, 2]));
  assertEquals([...await line.nextAudio()], [1, 2]);
});

Deno.test("listenHardened() throttles a peer that pings endlessly, and serves others", async () => {
  await using server = await TestServer.start({
    settings: { ...hardened, LIMIT_MESSAGES_PER_SECOND: "10" },
  });
  using flooder = await RawSocket.open(server.port, NOTIFICATIONS);
  const pings = new Uint8Array(60_000);
  // Empty pings, with a mask of zeros.
  for (let at = 0; at < pings.length; at += 6) pings.set([0x89, 0x80], at);
  // The kernel's buffers accept some megabytes, and then no more: nobody reads them.
  const flood = async () => {
    while (true) await flooder.write(pings);
  };
  const flooding = assertRejects(flood);
  for (let asked = 0; asked < 20; asked++) await stillServes(server);
  flooder.leave();
  await flooding;
});

Deno.test("listenHardened() frees the place of a peer that leaves during a handshake", async () => {
  await using server = await TestServer.start({
    settings: { ...hardened, LIMIT_CONNECTIONS: "3" },
  });
  for (let count = 0; count < 20; count++) {
    const raw = await RawSocket.connect(server.port);
    await raw.request("GET", NOTIFICATIONS, { upgrade: "websocket", connection: "upgrade" });
    raw.leave();
  }
  await stillServes(server);
});

async function half(server: TestServer): Promise<RawSocket> {
  const raw = await RawSocket.connect(server.port);
  await raw.write("GET / HTTP/1.1\r\n");
  return raw;
}

async function stillServes(server: TestServer): Promise<void> {
  await using client = await Client.open(server.ws(NOTIFICATIONS));
  client.send({ type: "ping", timestamp: "well" });
  await client.next({ type: "pong", timestamp: "well" });
  const errors = server.log.all.filter(({ level }) => level === "error");
  assert(errors.length === 0, Deno.inspect(errors));
}
