/** A door is declared; everything else about its sockets is the router's. */
import { assertEquals } from "@std/assert";
import { z } from "zod";
import { IdempotentAnswers } from "../../http/idempotency.ts";
import { Refused } from "../../http/problem.ts";
import { socket, type SocketRoute } from "../../http/route.ts";
import { router } from "../../http/router.ts";
import { close, type Command, type Event, send } from "../../session/protocol.ts";
import { Sessions } from "../../session/sessions.ts";
import { type Heard, type Said, wire } from "../../session/wire.ts";
import { accessWith } from "../support/access.ts";
import { Arrivals } from "../support/arrivals.ts";
import { Client } from "../support/client.ts";
import { RawSocket } from "../support/raw_socket.ts";

const Text = z.object({ type: z.literal("text"), text: z.string() });
const echoWire = wire({
  tag: "type",
  heard: z.discriminatedUnion("type", [Text]),
  said: z.discriminatedUnion("type", [Text]),
});
type EchoWire = typeof echoWire;

/** Greets its client, and echoes. */
async function* echo(
  events: AsyncIterable<Event<Heard<EchoWire>, string>>,
  { name }: { name: string },
): AsyncGenerator<Command<Said<EchoWire>>, void, void> {
  yield send({ type: "text", text: `hello ${name}` });
  for await (const event of events) {
    if (event.kind === "message") yield send(event.message);
    if (event.kind === "notice") yield close(1000, event.notice);
  }
}

const REFUSED_ROOM = "cellar";

const echoDoor = socket({
  door: "echo",
  paths: ["/echo/:room", "/mirror/:room"],
  summary: "Says what it hears",
  scope: "line:inbound",
  subprotocols: ["echo.v2", "echo.v1"],
  query: z.object({ after: z.coerce.number().int().optional() }),
  wire: echoWire,
  protocol: echo,
  limits: { textBytes: 100 },
  passesWithoutKey: ({ request }) => request.headers.has("x-ticket"),
  admit({ params: { room = "" } }, { after }) {
    if (room === REFUSED_ROOM) throw new Refused(404, `There is no room ${room}`);
    return `${room} ${after ?? "anew"}`;
  },
  ports: (_session, visitor) => ({ name: visitor }),
});

const KEY = { authorization: "Bearer sesame" };
const V1 = { "sec-websocket-protocol": "other, echo.v1" };
const VISITOR = { headers: KEY, protocols: ["other", "echo.v1", "echo.v2"] };

/** A server of these doors alone. */
async function serveDoors(routes: SocketRoute[]) {
  const facts = new Arrivals<{ door: string; kind: string }>();
  const sessions = new Sessions();
  const handler = router({
    routes,
    access: await accessWith(["sesame"]),
    allowedOrigins: [],
    stopping: new AbortController().signal,
    limits: { textBytes: 200, messagesPerSecond: 1 },
    observe: ({ door }, { kind }) => facts.push({ door, kind }),
    sessions,
    refusalOf: () => undefined,
    repeats: undefined as unknown as IdempotentAnswers,
    failed(error) {
      throw error;
    },
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return {
    port: server.addr.port,
    facts,
    sessions,
    async [Symbol.asyncDispose]() {
      await sessions.hangUpAll(1001, "");
      await server.shutdown();
    },
  };
}

Deno.test("a declared door serves its protocol on each of its paths, under its own name", async () => {
  await using server = await serveDoors(echoDoor);
  for (const path of ["/echo/attic?after=7", "/mirror/attic?after=7"]) {
    await using client = await Client.open(`ws://127.0.0.1:${server.port}${path}`, VISITOR);
    assertEquals(client.protocol, "echo.v1");
    assertEquals(await client.next(), { type: "text", text: "hello attic 7" });
    assertEquals(server.sessions.size, 1);
    client.send({ type: "text", text: "again" });
    assertEquals(await client.next(), { type: "text", text: "again" });
    await server.facts.next(({ door, kind }) => door === "echo" && kind === "message");
    await client.close();
    await server.facts.next(({ kind }) => kind === "closed");
  }
});

Deno.test("a declared door's limits override the server's, which apply to the rest", async () => {
  await using server = await serveDoors(echoDoor);
  const url = `ws://127.0.0.1:${server.port}/echo/attic`;
  await using long = await Client.open(url, VISITOR);
  long.send({ type: "text", text: "x".repeat(150) });
  assertEquals((await long.whenClosed()).code, 1009);
  await using fast = await Client.open(url, VISITOR);
  for (let times = 0; times < 5; times++) fast.send({ type: "text", text: "x" });
  assertEquals((await fast.whenClosed()).code, 1008);
});

const REFUSED: [what: string, path: string, headers: Record<string, string>, status: number][] = [
  ["no key", "/echo/attic", V1, 401],
  ["no subprotocol", "/echo/attic", KEY, 400],
  ["another subprotocol", "/echo/attic", { ...KEY, "sec-websocket-protocol": "echo.v3" }, 400],
  ["an invalid query", "/echo/attic?after=x", { ...KEY, ...V1 }, 400],
  ["a request that the door itself refuses", `/echo/${REFUSED_ROOM}`, { ...KEY, ...V1 }, 404],
];

for (const [what, path, headers, status] of REFUSED) {
  Deno.test(`a declared door refuses ${what} with ${status} before the upgrade`, async () => {
    await using server = await serveDoors(echoDoor);
    using raw = await RawSocket.connect(server.port);
    const answer = await raw.handshake(path, headers);
    assertEquals([answer.status, JSON.parse(answer.body).status], [status, status]);
    assertEquals(server.sessions.size, 0);
  });
}

Deno.test("a declared door admits clients without a key when they pass its own check", async () => {
  await using server = await serveDoors(echoDoor);
  const visitor = { headers: { "x-ticket": "1" }, protocols: ["echo.v1"] };
  await using client = await Client.open(`ws://127.0.0.1:${server.port}/echo/attic`, visitor);
  assertEquals(await client.next(), { type: "text", text: "hello attic anew" });
});
