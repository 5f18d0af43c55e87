import { assertEquals } from "@std/assert";
import { IdempotentAnswers } from "../../http/idempotency.ts";
import { openSqlite } from "../../store/sqlite/open.ts";
import { router } from "../../http/router.ts";
import { Client } from "../support/client.ts";
import { inboundCall, jambonzCall, QUIET_INBOUND, watch } from "../support/lines.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";
import { itemsOf } from "../support/whole_list.ts";

const settings = QUIET_INBOUND;

Deno.test("stop: a session of each door is closed with 1001", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  await using watcher = await watch(server);
  await using jambonz = await jambonzCall(server);
  await using client = await Client.open(server.ws("/api/v1/ws/a"));
  await server.stop();
  for (const socket of [line, watcher, jambonz, client]) {
    assertEquals((await socket.whenClosed()).code, 1001);
  }
  assertEquals(server.server.services.sessions.size, 0);
  const ended = server.log.all.filter(({ msg }) => msg === "session ended");
  assertEquals(ended.map(({ code }) => code), [1001, 1001, 1001, 1001]);
  assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
});

Deno.test("stop: an inbound call ends with our own CDR, a jambonz call may come back", async () => {
  const directory = await Deno.makeTempDir();
  await using files = new AsyncDisposableStack();
  files.defer(() => Deno.remove(directory, { recursive: true }));
  const path = `${directory}/calls.db`;
  await using server = await TestServer.start({
    settings: { ...settings, DATABASE_URL: `sqlite:${path}` },
  });
  await using _line = await inboundCall(server);
  await using _jambonz = await jambonzCall(server);
  await server.stop();
  const store = await openSqlite(path);
  files.defer(() => store.close());
  const calls = itemsOf(await store.pages.calls({ limit: 9, form: "entry" }));
  const ended = Object.fromEntries(
    calls.map(({ line, state, cdr }) => [line, [state, cdr?.madeByUs]]),
  );
  assertEquals(ended, { inbound: ["ended", true], jambonz: ["ringing", undefined] });
});

Deno.test("stop: it does not wait for peers that neither answer nor read", async () => {
  await using server = await TestServer.start({ settings });
  using mute = await RawSocket.open(server.port, "/");
  await mute.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  await mute.next({ event: "answer" });
  using _silent = await RawSocket.open(server.port, "/api/v1/ws/a");
  using _sayingNothing = await RawSocket.connect(server.port);
  using halfAsked = await RawSocket.connect(server.port);
  await halfAsked.write("GET / HTTP/1.1\r\nhost");
  await server.stop();
  assertEquals(server.server.services.sessions.size, 0);
  assertEquals(await mute.closeCode(), 1001);
});

Deno.test("stop: it does not wait for a client that left during its handshake", async () => {
  await using server = await TestServer.start({ settings });
  const gone = await RawSocket.connect(server.port);
  await gone.request("GET", "/", {
    upgrade: "websocket",
    connection: "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  });
  gone.leave();
  await server.stop();
  assertEquals(server.server.services.sessions.size, 0);
});

Deno.test("stop: a handshake while the server stops is refused with 503", async () => {
  await using server = await TestServer.start();
  const { routes, services } = server.server;
  const handler = router({
    routes,
    access: services.access,
    allowedOrigins: [],
    stopping: AbortSignal.abort(),
    limits: {},
    observe() {},
    sessions: services.sessions,
    refusalOf: () => undefined,
    repeats: new IdempotentAnswers(services.store.requests, services.now),
    failed: (error) => {
      throw error;
    },
  });
  await using stopping = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  for (const path of ["/", "/jambonz", "/ws/v1/liveCalls", "/api/v1/ws/a"]) {
    using raw = await RawSocket.connect(stopping.addr.port);
    const { status, headers, body } = await raw.handshake(path);
    assertEquals([status, JSON.parse(body).status], [503, 503]);
    assertEquals(headers.get("content-type"), "application/problem+json");
    assertEquals(typeof headers.get("retry-after"), "string");
    // HTTP requests are still answered.
    using http = await RawSocket.connect(stopping.addr.port);
    await http.request("GET", "/livez", {});
    assertEquals((await http.answer()).status, 200);
  }
});

Deno.test("stop: a connection that arrives meanwhile gets 503 or nothing, never a session", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  const late = await Promise.all(Array.from({ length: 4 }, () => RawSocket.connect(server.port)));
  const stopped = server.stop();
  for (const result of await Promise.allSettled(late.map((raw) => raw.handshake("/")))) {
    if (result.status === "fulfilled") assertEquals(result.value.status, 503);
  }
  await stopped;
  for (const raw of late) raw.leave();
  assertEquals((await line.whenClosed()).code, 1001);
});

Deno.test("stop: no connection is accepted afterwards", async () => {
  // Another test's server may have the port by then, but not this key.
  const key = crypto.randomUUID();
  await using server = await TestServer.start({ settings: { ...settings, API_KEYS: key } });
  const ask = async () => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(server.http("/api/v1/calls"), { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask(), 200);
  await server.stop();
  assertEquals(await ask().then((status) => status === 200, () => false), false);
});

Deno.test("stop: it does not wait for calls that wait for a reconnect", async () => {
  await using server = await TestServer.start({ settings });
  await using jambonz = await jambonzCall(server);
  await jambonz.close(3000);
  await server.log.some(({ msg }) => msg === "session ended");
  await server.stop();
});

Deno.test("stop: a second stop() resolves with the first", async () => {
  await using server = await TestServer.start({ settings });
  await using client = await Client.open(server.ws("/api/v1/ws/a"));
  await Promise.all([server.server.stop(), server.server.stop()]);
  assertEquals((await client.whenClosed()).code, 1001);
});
