/** Each limit of admission on a real server: the answer, the counter, and who is admitted again. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { RefusalReason } from "../../../http/admission/refusals.ts";
import { found, within } from "../../support/arrivals.ts";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { QUIET_INBOUND, sessionNew } from "../../support/lines.ts";
import { type RawAnswer, RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const KEYS = { API_KEYS: "a-key-of-24-characters-1,a-key-of-24-characters-2" };
const [FIRST, SECOND] = KEYS.API_KEYS.split(",").map((key) => ({ authorization: `Bearer ${key}` }));
const WRONG = { authorization: "Bearer wrong" };

/** A server with these settings, and how it refuses. */
async function serverWith(settings: Record<string, string>) {
  const server = await TestServer.start({ settings: { ...QUIET_INBOUND, ...settings } });
  const { refusals } = server.server.services.admission;
  return { server, count: (reason: RefusalReason) => refusals.of(reason) };
}

/** Asks for a socket, and closes the connection unless it opened. */
async function asks(
  { port }: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer & { socket?: RawSocket }> {
  const socket = await RawSocket.connect(port);
  const answer = await socket.handshake(path, headers);
  if (answer.status === 101) return { ...answer, socket };
  socket.leave();
  return answer;
}

/** Retries until a place is free again: the server learns later than we do that somebody has left. */
async function opensAgain(server: TestServer, path: string, headers = {}): Promise<void> {
  const opened = await found(async () => {
    const { socket } = await asks(server, path, headers);
    return socket;
  }, () => `${path} does not open again`);
  opened.leave();
}

function assertRefused({ status, headers, body }: RawAnswer, expected: 429 | 503, why: RegExp) {
  assertEquals(status, expected, body);
  assertEquals(headers.get("content-type"), "application/problem+json");
  assertMatch(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assertMatch(JSON.parse(body).detail, why);
}

const PLACES: [
  setting: string,
  reason: RefusalReason,
  status: 429 | 503,
  why: RegExp,
][] = [
  ["LIMIT_CONNECTIONS", "connections", 503, /too many connections$/],
  ["LIMIT_CONNECTIONS_PER_ADDRESS", "connections of an address", 429, /your address/],
  ["LIMIT_CONNECTIONS_PER_KEY", "connections of a key", 429, /your key/],
  ["LIMIT_CONNECTIONS_PER_CLIENT", "connections of a client", 429, /this client has/],
];

for (const [setting, reason, status, why] of PLACES) {
  Deno.test(`${setting}: one more socket is refused with ${status}, until one closes`, async () => {
    const { server, count } = await serverWith({ ...KEYS, [setting]: "2" });
    await using _server = server;
    const path = "/api/v1/ws/alice";
    const sockets = [await asks(server, path, FIRST), await asks(server, path, FIRST)];
    assertEquals(sockets.map(({ status }) => status), [101, 101]);
    assertRefused(await asks(server, path, FIRST), status, why);
    assertEquals(count(reason), 1);
    // Monitors are always answered.
    assertEquals((await answerTo(server.http("/livez"))).status, 200);
    sockets[0]!.socket!.leave();
    await opensAgain(server, path, FIRST);
    sockets[1]!.socket!.leave();
  });
}

Deno.test("LIMIT_CONNECTIONS_PER_KEY: another key is admitted, and LIMIT_CONNECTIONS_PER_CLIENT: another client", async () => {
  const limits = { LIMIT_CONNECTIONS_PER_KEY: "1", LIMIT_CONNECTIONS_PER_CLIENT: "1" };
  const { server } = await serverWith({ ...KEYS, ...limits });
  await using _server = server;
  const first = await asks(server, "/api/v1/ws/alice", FIRST);
  assertRefused(await asks(server, "/api/v1/ws/bob", FIRST), 429, /your key/);
  assertRefused(await asks(server, "/api/v1/ws/alice", SECOND), 429, /this client has/);
  const second = await asks(server, "/api/v1/ws/bob", SECOND);
  assertEquals(second.status, 101);
  for (const { socket } of [first, second]) socket!.leave();
});

Deno.test("LIMIT_CONNECTIONS_PER_CLIENT: all spellings of a number count as one client", async () => {
  const { server } = await serverWith({ LIMIT_CONNECTIONS_PER_CLIENT: "2", DEFAULT_COUNTRY: "KE" });
  await using _server = server;
  const spellings = ["0712345678", "%2B254712345678", "254712345678", "0712%20345%20678"];
  const paths = spellings.map((spelling) => `/api/v1/ws/${spelling}`);
  const answers = await Promise.all(paths.map((path) => asks(server, path)));
  assertEquals(answers.map(({ status }) => status).toSorted(), [101, 101, 429, 429]);
  for (const { socket } of answers) socket?.leave();
});

Deno.test("LIMIT_CONNECTIONS counts event streams and requests in progress until they end", async () => {
  const { server, count } = await serverWith({ LIMIT_CONNECTIONS: "1" });
  await using _server = server;
  const stream = await RawSocket.connect(server.port);
  await stream.request("GET", "/api/v1/events/stream", {});
  assertEquals((await stream.answer()).status, 200);
  const calls = await answerTo(server.http("/api/v1/calls"));
  assertEquals([calls.status, calls.headers.get("retry-after")], [503, "5"]);
  await calls.body?.cancel();
  assertEquals(count("connections"), 1);
  stream.leave();
  const again = await found(async () => {
    const answer = await answerTo(server.http("/api/v1/calls"));
    await answer.body?.cancel();
    return answer.status === 200 ? answer : undefined;
  }, () => "the stream's place is never free");
  assertEquals(again.status, 200);
});

Deno.test("LIMIT_CONNECTIONS: refused handshakes and failed requests free their places", async () => {
  const { server } = await serverWith({ ...KEYS, LIMIT_CONNECTIONS: "1" });
  await using _server = server;
  for (let times = 0; times < 5; times++) {
    assertEquals((await asks(server, "/jambonz", FIRST)).status, 400, "no subprotocol");
    assertEquals((await asks(server, "/")).status, 401);
  }
  await opensAgain(server, "/", FIRST);
});

Deno.test("LIMIT_HANDSHAKES_PER_SECOND: a burst of two seconds' worth, then 503", async () => {
  const { server, count } = await serverWith({ LIMIT_HANDSHAKES_PER_SECOND: "1" });
  await using _server = server;
  const answers = [];
  for (let times = 0; times < 8; times++) answers.push(await asks(server, "/"));
  const refused = answers.filter(({ status }) => status !== 101);
  assert(refused.length >= 1);
  for (const answer of refused) assertRefused(answer, 503, /too many handshakes a second$/);
  assertEquals(count("handshakes"), refused.length);
  for (const { socket } of answers) socket?.leave();
});

Deno.test("LIMIT_HANDSHAKES_PER_ADDRESS: a burst of two seconds' worth, then 429", async () => {
  const { server, count } = await serverWith({ LIMIT_HANDSHAKES_PER_ADDRESS: "1" });
  await using _server = server;
  const answers = [];
  for (let times = 0; times < 8; times++) answers.push(await asks(server, "/"));
  const refused = answers.filter(({ status }) => status !== 101);
  assert(refused.length >= 1);
  for (const answer of refused) assertRefused(answer, 429, /come from your address$/);
  assertEquals(count("handshakes of an address"), refused.length);
  for (const { socket } of answers) socket?.leave();
});

Deno.test("LIMIT_WRONG_KEYS_PER_MINUTE: a guesser gets 429 on every door and REST, and one log line", async () => {
  const { server, count } = await serverWith({ ...KEYS, LIMIT_WRONG_KEYS_PER_MINUTE: "5" });
  await using _server = server;
  const ask = async (headers: Record<string, string>) => {
    const answer = await answerTo(server.http("/api/v1/calls"), { headers });
    await answer.body?.cancel();
    return answer;
  };
  for (let guesses = 0; guesses < 6; guesses++) assertEquals((await ask(WRONG)).status, 401);
  const refused = await ask(WRONG);
  assertEquals(refused.status, 429);
  const after = Number(refused.headers.get("retry-after"));
  assert(after > 0 && after <= 60, `${after}`);
  const guesses: [path: string, headers: Record<string, string>][] = [
    ["/", WRONG],
    ["/?key=wrong", {}],
    ["/api/v1/ws/a", { "sec-websocket-protocol": "bearer, wrong" }],
    ["/ws/v1/liveCalls?conversationToken=x&ticket=wrong", {}],
  ];
  for (const [path, headers] of guesses) {
    assertRefused(await asks(server, path, headers), 429, /too many wrong keys/);
  }
  assertEquals([count("wrong key"), count("too many wrong keys")], [6, 5]);
  const logged = server.log.all.filter(({ msg }) => msg === "too many wrong keys");
  assertEquals(logged.map(({ address }) => address), ["127.0.0.1"]);
  assert(!JSON.stringify(server.log.all).includes('wrong"}'), "no key is logged");
  // Whoever shows no key makes no guess.
  assertEquals((await ask({})).status, 401);
  // On loopback a proxy may represent everybody: a correct key is admitted.
  assertEquals((await ask(FIRST!)).status, 200);
});

/** Announces a call; resolves with the answer. */
async function calls(
  server: TestServer,
  { from = "1", to = "2", id = crypto.randomUUID() as string, headers = {} } = {},
): Promise<{ line: Client; event: unknown }> {
  const line = await Client.open(server.ws("/"), { headers });
  line.send({ event: "incoming_call", callerId: from, didNumber: to, sessionId: id });
  return { line, event: (await line.next())["event"] };
}

Deno.test("LIMIT_CALLS: one more call is hung up, until one ends, on both lines", async () => {
  const { server, count } = await serverWith({ LIMIT_CALLS: "1" });
  await using _server = server;
  const first = await calls(server, { id: "first" });
  assertEquals(first.event, "answer");
  const second = await calls(server);
  assertEquals(second.event, "hangup");
  await using jambonz = await Client.open(server.ws("/jambonz"), { protocols: ["ws.jambonz.org"] });
  jambonz.send(sessionNew());
  assertEquals((await jambonz.next({ type: "ack" }))["data"], undefined, "it asks for nothing");
  await using back = await Client.open(server.ws("/jambonz"), { protocols: ["ws.jambonz.org"] });
  back.send({ ...sessionNew("unknown"), type: "session:reconnect" });
  assertEquals((await back.next({ type: "ack" }))["data"], undefined);
  assertEquals(count("calls"), 3);
  const { calls: known } = await server.rest("GET", "/calls");
  assertEquals(known.length, 1, "a refused call has no record");
  first.line.send({ event: "hangup" });
  await server.call("inbound", "first", ({ state }) => state === "ended");
  const third = await calls(server);
  assertEquals(third.event, "answer");
  for (const { line } of [first, second, third]) await line.close();
});

Deno.test("LIMIT_CALLS_PER_NUMBER: one more call to or from a number is hung up", async () => {
  const { server, count } = await serverWith({ LIMIT_CALLS_PER_NUMBER: "1" });
  await using _server = server;
  const heard = [];
  for (const [from, to] of [["1", "2"], ["3", "2"], ["1", "4"], ["3", "4"], ["3", "5"]]) {
    heard.push(await calls(server, { from, to }));
  }
  const events = heard.map(({ event }) => event);
  assertEquals(events, ["answer", "hangup", "hangup", "answer", "hangup"]);
  assertEquals(count("calls of a number"), 3);
  for (const { line } of heard) await line.close();
});

Deno.test("LIMIT_CALLS_PER_KEY: one more call of a key is hung up, another key's is accepted", async () => {
  const { server, count } = await serverWith({ ...KEYS, LIMIT_CALLS_PER_KEY: "1" });
  await using _server = server;
  const heard = [];
  for (const headers of [FIRST, FIRST, SECOND]) heard.push(await calls(server, { headers }));
  assertEquals(heard.map(({ event }) => event), ["answer", "hangup", "answer"]);
  assertEquals(count("calls of a key"), 1);
  for (const { line } of heard) await line.close();
});

Deno.test("LIMIT_MEMORY_MIB: watchers and new calls are refused, a call in progress continues", async () => {
  const { server, count } = await serverWith({ LIMIT_MEMORY_MIB: "64" });
  await using _server = server;
  // This process uses more than that, with all of its tests.
  assert(Deno.memoryUsage().rss > 64 * 1024 ** 2);
  assertRefused(await asks(server, "/api/v1/ws/a"), 503, /memory is short$/);
  const stream = await answerTo(server.http("/api/v1/events/stream"));
  assertEquals([stream.status, stream.headers.get("retry-after")], [503, "30"]);
  await stream.body?.cancel();
  const { line, event } = await calls(server);
  assertEquals(event, "hangup");
  assertEquals([count("memory: watcher"), count("memory: call")], [2, 1]);
  assertEquals((await answerTo(server.http("/api/v1/calls"))).status, 200, "REST steers calls");
  await line.close();
});

for (const path of ["/", "/jambonz"]) {
  Deno.test(`LIMIT_FIRST_MESSAGE_MS: ${path} is closed with 1008 after silence, or audio only`, async () => {
    const { server, count } = await serverWith({ LIMIT_FIRST_MESSAGE_MS: "100" });
    await using _server = server;
    await using silent = await Client.open(server.ws(path), { protocols: ["ws.jambonz.org"] });
    assertEquals(await silent.whenClosed(), {
      code: 1008,
      reason: "no message came within 100 ms",
    });
    await using loud = await Client.open(server.ws(path), { protocols: ["ws.jambonz.org"] });
    loud.send(new Uint8Array(320));
    assertEquals((await within(loud.whenClosed(), () => "it stays open")).code, 1008);
    assertEquals(count("closed 1008"), 2);
  });
}
