import { assertEquals, assertStringIncludes } from "@std/assert";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { BEARER, inboundCall, QUIET_INBOUND, watch } from "../../support/lines.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const settings = QUIET_INBOUND;
const TOKEN = "{token}";

const REFUSED: [
  what: string,
  query: string,
  headers: Record<string, string>,
  status: number,
][] = [
  ["no conversationToken", "", BEARER, 400],
  ["no conversationToken and no bearer", "", {}, 400],
  ["an empty conversationToken", "?conversationToken=", BEARER, 400],
  ["no bearer", `?conversationToken=${TOKEN}`, {}, 401],
  ["a bad bearer", `?conversationToken=${TOKEN}`, { authorization: "Bearer devil" }, 401],
  ["an empty bearer", `?conversationToken=${TOKEN}`, { authorization: "Bearer " }, 401],
  ["a bearer without its scheme", `?conversationToken=${TOKEN}`, { authorization: "dev" }, 401],
  ["a bad bearer as subprotocol", `?conversationToken=${TOKEN}`, {
    "sec-websocket-protocol": "bearer, devil",
  }, 401],
  ["a bearer that is not the first subprotocol", `?conversationToken=${TOKEN}`, {
    "sec-websocket-protocol": "dev, bearer",
  }, 401],
  ["an unknown ticket", `?conversationToken=${TOKEN}&ticket=abc`, {}, 401],
  ["an unknown token and no bearer", "?conversationToken=unknown", {}, 401],
  ["an unknown token", "?conversationToken=unknown", BEARER, 404],
];

for (const [what, query, headers, status] of REFUSED) {
  Deno.test(`liveCalls refuses ${what} with ${status} before the upgrade`, async () => {
    await using server = await TestServer.start({ settings });
    await using _line = await inboundCall(server);
    const { calls: [call] } = await server.rest("GET", "/calls");
    const path = `/ws/v1/liveCalls${query.replace(TOKEN, call.liveConversationToken)}`;
    await refused(server, path, headers, status);
  });
}

Deno.test("liveCalls refuses the token of a call that is over with 404", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  const { calls: [call] } = await server.rest("GET", "/calls");
  line.send({ event: "hangup" });
  await server.call("inbound", "in-1", ({ state }) => state === "ended");
  const path = `/ws/v1/liveCalls?conversationToken=${call.liveConversationToken}`;
  await refused(server, path, BEARER, 404);
});

Deno.test("liveCalls accepts a bearer in the header and then echoes no subprotocol", async () => {
  await using server = await TestServer.start({ settings });
  await using _line = await inboundCall(server);
  const { calls: [call] } = await server.rest("GET", "/calls");
  using raw = await RawSocket.connect(server.port);
  const path = `/ws/v1/liveCalls?conversationToken=${call.liveConversationToken}`;
  const { status, headers } = await raw.handshake(path, { authorization: "bearer  dev" });
  assertEquals([status, headers.get("sec-websocket-protocol")], [101, null]);
  await raw.next({ type: "event:start" });
});

Deno.test("liveCalls accepts a bearer as a subprotocol and echoes bearer", async () => {
  await using server = await TestServer.start({ settings });
  await using _line = await inboundCall(server);
  const { calls: [call] } = await server.rest("GET", "/calls");
  const url = server.ws(`/ws/v1/liveCalls?conversationToken=${call.liveConversationToken}`);
  await using watcher = await Client.open(url, { protocols: ["bearer", "dev"] });
  assertEquals(watcher.protocol, "bearer");
  await watcher.next({ type: "event:start" });
});

Deno.test("liveCalls accepts a bearer subprotocol without a space", async () => {
  await using server = await TestServer.start({ settings });
  await using _line = await inboundCall(server);
  const { calls: [call] } = await server.rest("GET", "/calls");
  using raw = await RawSocket.connect(server.port);
  const path = `/ws/v1/liveCalls?conversationToken=${call.liveConversationToken}`;
  const answer = await raw.handshake(path, { "sec-websocket-protocol": "bearer,dev" });
  assertEquals(answer.status, 101);
  assertEquals(answer.headers.get("sec-websocket-protocol"), "bearer");
});

Deno.test("liveCalls accepts a ticket once", async () => {
  await using server = await TestServer.start({ settings });
  await using _line = await inboundCall(server);
  const { url } = await mint(server);
  await using watcher = await Client.open(server.ws(url));
  await watcher.next({ type: "event:start" });
  await refused(server, url, {}, 401);
  await using _another = await Client.open(server.ws((await mint(server)).url));
});

Deno.test("liveCalls accepts a ticket where keys are set, and only a key can create one", async () => {
  const key = { authorization: "Bearer k1" };
  await using server = await TestServer.start({ settings: { ...settings, API_KEYS: "k1" } });
  await using line = await Client.open(server.ws("/"), { headers: key });
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  await line.next({ event: "answer" });
  const { id } = await server.call("inbound", "s");
  const endpoint = server.http(`/api/v1/calls/${id}/watch-tokens`);
  const keyless = await answerTo(endpoint, { method: "POST" });
  await keyless.body?.cancel();
  assertEquals(keyless.status, 401);
  const response = await answerTo(endpoint, { method: "POST", headers: key });
  assertEquals(response.status, 201);
  const { url } = await response.json();
  await using watcher = await Client.open(server.ws(url));
  await watcher.next({ type: "event:start" });
});

Deno.test("liveCalls refuses a ticket for another call", async () => {
  await using server = await TestServer.start({ settings });
  await using _first = await inboundCall(server, "first");
  const { ticket } = await mint(server);
  await using _second = await inboundCall(server, "second");
  const { conversationToken } = await mint(server);
  const query = new URLSearchParams({ conversationToken, ticket });
  await refused(server, `/ws/v1/liveCalls?${query}`, {}, 401);
});

Deno.test("liveCalls creates no ticket for a call that is over or unknown", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  const { id } = await server.call("inbound", "in-1");
  line.send({ event: "hangup" });
  await server.call("inbound", "in-1", ({ state }) => state === "ended");
  assertEquals((await server.rest("POST", `/calls/${id}/watch-tokens`)).status, 409);
  assertEquals((await server.rest("POST", "/calls/nobody/watch-tokens")).status, 404);
});

Deno.test("liveCalls records who watches, with the version used", async () => {
  await using server = await TestServer.start({ settings });
  await using _line = await inboundCall(server);
  await using _watcher = await watch(server, {
    "x-acme-product-version": "2.1.3",
    "x-acme-user-id": "alice",
  });
  const call = await server.call("inbound", "in-1", ({ lastSeq }) => lastSeq >= 3);
  const watched = (await server.record(call)).find(({ type }) => type === "watched");
  assertEquals(watched?.data, { userId: "alice", productVersion: "2.1.3" });
});

Deno.test("liveCalls writes no secret to the log", async () => {
  await using server = await TestServer.start({ settings: { ...settings, API_KEYS: "sesame" } });
  await using line = await Client.open(server.ws("/?key=sesame"));
  line.send({ event: "incoming_call", callerId: "+15083084809", didNumber: "2", sessionId: "s" });
  await line.next({ event: "answer" });
  const { liveConversationToken } = await server.call("inbound", "s");
  const path = `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`;
  await using watcher = await Client.open(server.ws(path), { protocols: ["bearer", "sesame"] });
  watcher.send("{");
  await watcher.next({ type: "error" });
  await refused(server, `${path}&key=ajar`, {}, 401);
  const log = JSON.stringify(server.log.all);
  for (const secret of ["sesame", liveConversationToken, 'open"', "5083084809"]) {
    assertEquals(log.includes(secret), false, secret);
  }
});

async function mint(
  server: TestServer,
): Promise<Record<"conversationToken" | "ticket" | "url", string>> {
  const { calls: [{ id }] } = await server.rest("GET", "/calls");
  return await server.rest("POST", `/calls/${id}/watch-tokens`);
}

async function refused(
  server: TestServer,
  path: string,
  headers: Record<string, string>,
  status: number,
): Promise<void> {
  using raw = await RawSocket.connect(server.port);
  const answer = await raw.handshake(path, headers);
  assertEquals(answer.status, status);
  assertEquals(answer.headers.get("content-type"), "application/problem+json");
  assertEquals(answer.headers.get("x-request-id")?.length, 36);
  const problem = JSON.parse(answer.body);
  assertEquals([problem.type, problem.status], ["about:blank", status]);
  if (status === 401) assertStringIncludes(answer.headers.get("www-authenticate")!, "Bearer");
}
