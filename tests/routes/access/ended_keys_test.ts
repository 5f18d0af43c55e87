/** A key that is revoked or expires: whoever came in with it goes. */
import { assert, assertEquals } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { Client } from "../../support/client.ts";
import { KeyedServer, ROOT_KEY } from "../../support/keyed_server.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { ServerEvents } from "../../support/server_events.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";

/** The issue's limit. The sweep comes every two seconds; a revocation over REST does not wait for it. */
const GONE_WITHIN_MS = 5000;

async function goesWith4401(what: string, client: Client): Promise<void> {
  const { code } = await within(client.closed, () => `${what} stays`, GONE_WITHIN_MS);
  assertEquals([what, code], [what, 4401]);
}

/** Somebody on every door with this key, and on the event stream. */
async function everywhere(server: KeyedServer, { key }: { readonly key: string | undefined }) {
  await using stack = new AsyncDisposableStack();
  const open = async (path: string, protocols?: string[]) =>
    stack.use(await server.open(key, path, protocols));
  const call = stack.use(await server.inboundCall("5000", "s", key ?? "dev"));
  const { body } = await server.ask(key, "GET", "/calls");
  const [{ id, liveConversationToken: token }] = body.calls;
  const watch = `/ws/v1/liveCalls?conversationToken=${token}`;
  const { url } = (await server.ask(key, "POST", `/calls/${id}/watch-tokens`, {})).body;
  const sockets = {
    "an inbound call": call,
    "an inbound socket without a call": await open("/inbound"),
    "jambonz": await open("/jambonz", ["ws.jambonz.org"]),
    "jambonz audio": await open("/jambonz/audio", ["audio.jambonz.org"]),
    "a client who only listens": await open("/api/v1/ws/+254712345678"),
    // Live calls ask for a key always.
    "a watcher": stack.use(await server.open(key ?? "dev", watch)),
    "a watcher by ticket": stack.use(await Client.open(server.test.ws(url))),
  };
  const stream = stack.use(await ServerEvents.open(server, key, "/events/stream"));
  return { sockets, stream, id, stack: stack.move() };
}

Deno.test("a revoked key: every socket is closed with 4401, and every stream ends", async () => {
  await using server = await KeyedServer.start();
  const key = await server.key({ scopes: ["all"] });
  const { sockets, stream, stack } = await everywhere(server, key);
  await using _stack = stack;
  await using bystander = await server.open(ROOT_KEY, "/api/v1/ws/x");
  const other = await server.key({ scopes: ["notifications"] });
  await using stranger = await server.open(other.key, "/api/v1/ws/x");
  assertEquals((await server.ask(ROOT_KEY, "DELETE", `/keys/${key.id}`)).status, 204);
  for (const [what, client] of Object.entries(sockets)) await goesWith4401(what, client);
  await within(stream.ended(), () => "the stream goes on", GONE_WITHIN_MS);
  assertEquals((await server.ask(key.key, "GET", "/calls")).status, 401);
  assertEquals(await server.handshake(key.key, "/"), 401);
  for (const client of [bystander, stranger]) {
    client.send({ type: "ping" });
    await client.next({ type: "pong" });
  }
});

Deno.test("an expired key: every socket is closed with 4401, and every stream ends", async () => {
  let laterMs = 0;
  await using server = await KeyedServer.start({ now: () => new Date(Date.now() + laterMs) });
  const key = await server.key({ scopes: ["all"], expires_in_s: 3600 });
  const { sockets, stream, stack } = await everywhere(server, key);
  await using _stack = stack;
  laterMs = 3_600_000;
  for (const [what, client] of Object.entries(sockets)) await goesWith4401(what, client);
  await within(stream.ended(), () => "the stream goes on", GONE_WITHIN_MS);
  assertEquals((await server.ask(key.key, "GET", "/calls")).status, 401);
});

Deno.test("the first key: every socket that came without one is closed with 4401, and every stream ends", async () => {
  await using server = await KeyedServer.start({ settings: { API_KEYS: "" } });
  const { sockets, stream, id, stack } = await everywhere(server, { key: undefined });
  await using _stack = stack;
  const { url } = (await server.ask(undefined, "POST", `/calls/${id}/watch-tokens`, {})).body;
  const made = await server.ask(undefined, "POST", "/keys", { name: "crm", scopes: ["all"] });
  assertEquals(made.status, 201);
  await using insider = await server.open(made.body.key, "/api/v1/ws/x");
  for (const [what, client] of Object.entries(sockets)) await goesWith4401(what, client);
  await within(stream.ended(), () => "the stream goes on", GONE_WITHIN_MS);
  assertEquals((await server.ask(undefined, "GET", "/calls")).status, 401);
  assertEquals(await server.handshake(undefined, url), 401);
  // The second key sends nobody away.
  const { status } = await server.ask(made.body.key, "POST", "/keys", {
    name: "second",
    scopes: ["all"],
  });
  assertEquals(status, 201);
  server.test.server.services.access.sweep();
  insider.send({ type: "ping" });
  await insider.next({ type: "pong" });
});

Deno.test("the first key: who came by a secret in the path stays", async () => {
  const secret = "a-secret-in-the-path";
  const settings = { API_KEYS: "", JAMBONZ_SECRET: secret };
  await using server = await KeyedServer.start({ settings });
  await using platform = await server.open(undefined, `/jambonz/${secret}`, ["ws.jambonz.org"]);
  await using client = await server.open(undefined, "/api/v1/ws/x");
  const asked = { name: "crm", scopes: ["all"] };
  assertEquals((await server.ask(undefined, "POST", "/keys", asked)).status, 201);
  await goesWith4401("a client without a key", client);
  const data = { call_sid: "sid-1", from: "+15083084809", to: "5000", direction: "inbound" };
  platform.send({ type: "session:new", msgid: "new", call_sid: "sid-1", data });
  await platform.next({ type: "ack", msgid: "new" });
});

Deno.test("the first key: a request without one whose body is still coming is refused", async () => {
  await using server = await KeyedServer.start({ settings: { API_KEYS: "" } });
  using raw = await RawSocket.connect(server.test.port);
  const body = JSON.stringify({ name: "stranger", scopes: ["all"] });
  await raw.request("POST", "/api/v1/keys", {
    "content-type": "application/json",
    "content-length": String(body.length),
    expect: "100-continue",
  });
  // The body is asked for once the request is identified.
  assertEquals((await raw.answer()).status, 100);
  const made = await server.ask(undefined, "POST", "/keys", { name: "crm", scopes: ["all"] });
  assertEquals(made.status, 201);
  await raw.write(body);
  assertEquals((await raw.answer()).status, 401);
});

Deno.test("a revoked key: a ticket that it made opens nothing any more", async () => {
  await using server = await KeyedServer.start();
  const key = await server.key({ scopes: ["calls:listen"] });
  await using _line = await server.inboundCall("5000");
  const { body } = await server.ask(ROOT_KEY, "GET", "/calls");
  const path = `/calls/${body.calls[0].id}/watch-tokens`;
  const { url } = (await server.ask(key.key, "POST", path, {})).body;
  await server.ask(ROOT_KEY, "DELETE", `/keys/${key.id}`);
  assertEquals(await server.handshake(undefined, url), 401);
});

Deno.test("a revoked key: the password of a call's audio that it brought opens nothing any more", async () => {
  const settings = { APP: "apps/echo.ts" };
  await using server = await KeyedServer.start({ settings });
  const key = await server.key({ scopes: ["line:jambonz"] });
  await using line = await server.open(key.key, "/jambonz", ["ws.jambonz.org"]);
  const data = { call_sid: "sid-1", from: "+15083084809", to: "5000", direction: "inbound" };
  line.send({ type: "session:new", msgid: "new", call_sid: "sid-1", data });
  const ack = await line.next({ type: "ack", msgid: "new" });
  const { username, password } = listenOf(ack)["wsAuth"] as Record<string, string>;
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  const status = () => server.handshakeWith(headers, "/jambonz/audio");
  assertEquals(await status(), 101);
  await server.ask(ROOT_KEY, "DELETE", `/keys/${key.id}`);
  assertEquals(await status(), 401);
});

// deno-lint-ignore no-explicit-any
function listenOf(ack: any): Record<string, unknown> {
  return ack.data.find((verb: object) =>
    "listen" in verb || "verb" in verb && verb.verb === "listen"
  )
    .listen;
}

Deno.test("a revoked key: its webhooks are disabled, and stay so", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await KeyedServer.start({ settings: { WEBHOOK_ALLOW_PRIVATE: "*" } });
  const key = await server.key({ scopes: ["webhooks"] });
  const request = { url: receiver.url(), types: ["started"] };
  const { id } = (await server.ask(key.key, "POST", "/webhooks", request)).body;
  await server.ask(ROOT_KEY, "DELETE", `/keys/${key.id}`);
  const { body } = await server.ask(ROOT_KEY, "GET", `/webhooks/${id}`);
  assertEquals(body.enabled, false);
  assertEquals(body.disabled_because, "the key that made it has been revoked or has expired");
  const enabled = { ...request, enabled: true };
  assertEquals((await server.ask(ROOT_KEY, "PUT", `/webhooks/${id}`, enabled)).status, 409);
  const off = { ...request, enabled: false };
  assertEquals((await server.ask(ROOT_KEY, "PUT", `/webhooks/${id}`, off)).status, 200);
  assert(receiver.received.length === 0);
});
