import { assert, assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { inboundCall, QUIET_INBOUND } from "../../support/lines.ts";
import { connect, createServer } from "node:net";
import { carry } from "../../../server/listen/node_stream.ts";
import { listenHardened } from "../../../server/listen/hardened.ts";
import { limitsOf } from "../../../session/limits.ts";
import type { Socket as ServerSocket } from "../../../session/session.ts";
import { WebSocketConnection } from "../../../session/websocket/websocket_connection.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { BINARY, frameBytes, RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const settings = { ...QUIET_INBOUND, TRANSPORT: "hardened" };

Deno.test("listenHardened() serves text and audio through the real doors", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  line.send(new Uint8Array([1, 2, 3]));
  assertEquals([...await line.nextAudio()], [1, 2, 3]);
  await using party = await Client.open(server.ws("/api/v1/ws/a"));
  party.send({ type: "ping", timestamp: 7 });
  await party.next({ type: "pong", timestamp: 7 });
});

Deno.test("listenHardened() answers REST", async () => {
  await using server = await TestServer.start({ settings });
  const response = await answerTo(server.http("/readyz"));
  assertEquals([response.status, (await response.json()).status], [200, "ok"]);
  assertEquals((await answerTo(server.http("/nowhere"))).status, 404);
});

const limits = limitsOf({});
const admission = { opened: () => true, closed: () => {} };

Deno.test("listenHardened() hears frames that a client sends before it is answered", async () => {
  const { promise: sent, resolve: answerNow } = Promise.withResolvers<void>();
  const heard = new Arrivals<number>();
  const listener = await listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    headersMs: 10_000,
    admission,
    async handler(request, { upgrade }) {
      const { socket, response } = upgrade!(request, {
        limits,
        heartbeatMs: 0,
        subprotocol: undefined,
      });
      socket.addEventListener("message", {
        handleEvent(event: Event) {
          if (event.type === "message") heard.push((event as MessageEvent).data[0]);
        },
      });
      await within(sent, () => "the frames are not sent");
      return response;
    },
  });
  const { port } = listener.addr as Deno.NetAddr;
  using raw = await RawSocket.connect(port);
  const frame = (byte: number) => frameBytes({ opcode: BINARY, payload: Uint8Array.of(byte) });
  await raw.write(
    "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  for (const byte of [1, 2, 3]) await raw.write(frame(byte));
  answerNow();
  await raw.write(frame(4));
  assertEquals(await heard.count(4), [1, 2, 3, 4]);
  await listener.shutdown();
});

Deno.test("listenHardened() sends what a slow client has not read, whole and in order", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<ServerSocket>();
  const listener = await listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    headersMs: 10_000,
    admission,
    handler(request, { upgrade }) {
      const options = { limits, heartbeatMs: 0, subprotocol: undefined };
      const { socket, response } = upgrade!(request, options);
      socket.addEventListener("open", {
        handleEvent({ type }: Event) {
          if (type === "open") open(socket);
        },
      });
      return Promise.resolve(response);
    },
  });
  using raw = await RawSocket.open((listener.addr as Deno.NetAddr).port, "/");
  const socket = await within(opened, () => "the socket does not open");
  const sizes = Array.from({ length: 200 }, (_, index) => 1000 * index);
  for (const size of sizes) socket.send(new Uint8Array(size).fill(size % 251));
  assert(socket.bufferedAmount > 0);
  for (const size of sizes) {
    const { opcode, payload } = await raw.read();
    assertEquals([opcode, payload.length], [BINARY, size]);
    assert(payload.every((byte) => byte === size % 251));
  }
  // The last write is over once the server has heard of anything that came after it.
  const heard = new Arrivals<string>();
  socket.addEventListener("message", { handleEvent: ({ type }: Event) => heard.push(type) });
  await raw.send("all is read");
  await heard.next((type) => type === "message");
  assertEquals(socket.bufferedAmount, 0);
  await listener.shutdown();
});

Deno.test("carry() reads a socket by its events where it cannot take the bytes directly", async () => {
  const heard = new Arrivals<string>();
  const connection = new WebSocketConnection({ limits, heartbeatMs: 0 });
  connection.addEventListener("message", {
    handleEvent: (event) => heard.push(`${event.type} ${(event as MessageEvent).data ?? ""}`),
  });
  const server = createServer((socket) => carry(socket, connection, new Uint8Array(), false));
  const { promise: listening, resolve: listen } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listen);
  await within(listening, () => "it does not listen");
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  client.write(frameBytes({ opcode: 1, payload: new TextEncoder().encode("Hello") }));
  await heard.next((said) => said === "message Hello");
  client.destroy();
  await heard.next((said) => said.startsWith("close"));
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  server.close(() => close());
  await within(closed, () => "it does not close");
});
