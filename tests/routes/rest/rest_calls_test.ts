import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { CallEntry } from "../../../calls/call_entry.ts";
import { CallEvents } from "../../../routes/rest/calls.ts";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { refused, RestServer, wrongFields } from "../../support/rest.ts";

Deno.test("GET /calls shows a live call with its token, and one that is over without", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall("one");
  const { body, headers } = await rest.ask("GET", "/calls");
  assertMatch(headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
  const [entry] = body.calls.map((call: unknown) => CallEntry.parse(call));
  assertEquals(entry.state, "answered");
  assertEquals(entry.fromE164, "+254712345678");
  assertEquals(entry.liveConversationToken, live.call.liveConversationToken);
  assertFalse("next_cursor" in body);
  await live.end();
  const over = (await rest.ask("GET", live.path)).body;
  assertEquals(over.state, "ended");
  assertFalse("liveConversationToken" in over);
});

Deno.test("GET /calls filters by state, numbers, line and time", async () => {
  await using rest = await RestServer.start({ DEFAULT_COUNTRY: "KE" });
  await using kenyan = await rest.inboundCall("one", { from: "0712345678", to: "5000" });
  await using _other = await rest.inboundCall("two", { from: "+15083084809", to: "6000" });
  await using _jambonz = await rest.jambonzCall("three");
  await kenyan.end();
  const found = async (query: Record<string, string>) => {
    const { body } = await rest.ask("GET", `/calls?${new URLSearchParams(query)}`);
    return body.calls.map(({ platformId }: { platformId: string }) => platformId).sort();
  };
  assertEquals(await found({}), ["one", "three", "two"]);
  assertEquals(await found({ state: "ended" }), ["one"]);
  assertEquals(await found({ from: "0712345678" }), ["one"]);
  assertEquals(await found({ from: "+254712345678" }), ["one"]);
  assertEquals(await found({ to: "6000" }), ["two"]);
  assertEquals(await found({ line: "jambonz" }), ["three"]);
  assertEquals(await found({ from: "+15083084809", line: "inbound" }), ["two"]);
  const began = kenyan.call.startedAt.toISOString();
  assertEquals(await found({ started_before: began }), []);
  assertEquals(await found({ started_from: began }), ["one", "three", "two"]);
  assertEquals(await found({ started_from: "2999-01-01T03:00:00+03:00" }), []);
});

Deno.test("GET /calls pages by next_cursor through every call, each once", async () => {
  await using rest = await RestServer.start();
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) await (await rest.inboundCall(name)).end();
  const told: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = cursor === undefined ? "" : `&cursor=${cursor}`;
    const { body } = await rest.ask("GET", `/calls?limit=2${query}`);
    told.push(...body.calls.map(({ platformId }: { platformId: string }) => platformId));
    cursor = body.next_cursor;
    pages++;
  } while (cursor !== undefined);
  assertEquals(told.toSorted(), names);
  assertEquals(pages, 3);
});

Deno.test("GET /calls names every invalid parameter", async () => {
  await using rest = await RestServer.start();
  const query = "state=lost&line=x&limit=501&started_from=yesterday&started_before=1";
  assertEquals(wrongFields(await rest.ask("GET", `/calls?${query}`)).sort(), [
    "limit",
    "line",
    "started_before",
    "started_from",
    "state",
  ]);
  for (const cursor of ["x", "%FF", "W10", btoa("[1.5,1]")]) {
    assertEquals(wrongFields(await rest.ask("GET", `/calls?cursor=${cursor}`)), ["cursor"]);
  }
});

Deno.test("GET /calls/{id}, its events, transcript and CDR are 404 for an unknown call", async () => {
  await using rest = await RestServer.start();
  for (const path of ["", "/events", "/transcript", "/cdr"]) {
    refused(await rest.ask("GET", `/calls/nobody${path}`), 404, "nobody");
  }
});

Deno.test("GET /events reads the record from the given seq on", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  await live.end();
  const all = CallEvents.parse((await rest.ask("GET", `${live.path}/events`)).body);
  assertEquals(all.events.map(({ type }) => type), ["started", "answered", "ended", "cdr"]);
  assertEquals(all.events.map(({ seq }) => seq), [1, 2, 3, 4]);
  assertEquals(all.after, 4);
  const page = (await rest.ask("GET", `${live.path}/events?after=1&limit=2`)).body;
  assertEquals(page.events, all.events.slice(1, 3));
  assertEquals(page.after, 3);
  const none = (await rest.ask("GET", `${live.path}/events?after=4`)).body;
  assertEquals(none, { events: [], after: 4 });
  assertEquals(wrongFields(await rest.ask("GET", `${live.path}/events?after=-1&limit=0`)), [
    "after",
    "limit",
  ]);
});

Deno.test("POST /watch-tokens creates a ticket that opens the door once, without a key", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const { status, body } = await rest.ask("POST", `${live.path}/watch-tokens`);
  assertEquals(status, 201);
  assertEquals(body.scopes, ["watch", "join", "end"]);
  assertEquals(body.conversationToken, live.call.liveConversationToken);
  const lifeMs = Date.parse(body.expiresAt) - Date.now();
  assert(lifeMs > 0 && lifeMs <= 30_000, `${lifeMs} ms`);
  await using watcher = await Client.open(rest.url(body.url, "ws"));
  await watcher.next({ type: "event:start" });
  const again = await answerTo(rest.url(body.url), { headers: UPGRADE });
  assertEquals(again.status, 401);
  await again.body?.cancel();
});

Deno.test("POST /watch-tokens: a ticket's scopes limit its session", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const mint = async (scopes: string[]) => {
    const request = { scopes, expires_in_s: 86_400 };
    const { body } = await rest.ask("POST", `${live.path}/watch-tokens`, request);
    assertEquals(body.scopes, scopes);
    return await Client.open(rest.url(body.url, "ws"));
  };
  await using watcher = await mint(["watch"]);
  await watcher.next({ type: "event:start" });
  for (const type of ["client:joinCall", "client:endCall"]) {
    watcher.send({ type, id: type });
    const { description } = await watcher.next({ type: "error" });
    assertMatch(String(description), /^Cannot (join|end) call .*: the ticket does not allow that$/);
  }
  await using ender = await mint(["end"]);
  ender.send({ type: "client:endCall", id: "e" });
  await ender.next({ type: "ack", ackId: "e" });
  await ender.next({ type: "event:callEnd" });
  await ender.whenClosed();
  assertEquals(ender.messages.map(({ type }) => type), ["ack", "event:callEnd"]);
  await live.line.next({ event: "hangup" });
});

Deno.test("POST /watch-tokens refuses unknown scopes, and calls that are over", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const path = `${live.path}/watch-tokens`;
  const wrong = await rest.ask("POST", path, { scopes: ["fly"], expires_in_s: 86_401 });
  assertEquals(wrongFields(wrong), ["scopes.0", "expires_in_s"]);
  assertEquals(wrongFields(await rest.ask("POST", path, { scopes: [] })), ["scopes"]);
  await live.end();
  refused(await rest.ask("POST", path), 409, "it is over");
});

const UPGRADE = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

Deno.test("GET /api/v1/calls finds a caller in any spelling of the number", async () => {
  await using rest = await RestServer.start({ DEFAULT_COUNTRY: "KE" });
  await using call = await rest.inboundCall("in-1", { from: "0712345678", to: "299123456" });
  const found = async (query: string) =>
    (await rest.ask("GET", `/calls?${query}`)).body.calls.map(({ id }: { id: string }) => id);
  const callers = ["0712345678", "+254712345678", "%2B254712345678", "(254)%20712-345678"];
  for (const from of callers) assertEquals(await found(`from=${from}`), [call.call.id], from);
  for (const to of ["299123456", "%2B299123456", "00299123456", "299%2012%2034%2056"]) {
    assertEquals(await found(`to=${to}`), [call.call.id], to);
  }
  assertEquals(await found("from=712"), []);
});
