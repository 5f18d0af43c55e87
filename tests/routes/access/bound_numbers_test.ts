/** A key that is bound to a number sees and steers calls to it, and knows of no others. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Client } from "../../support/client.ts";
import { KeyedServer, type MadeKey, ROOT_KEY } from "../../support/keyed_server.ts";
import { ServerEvents } from "../../support/server_events.ts";

/** A call to a number of the key, and one to another. */
async function twoCalls() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await KeyedServer.start());
  const mine = stack.use(await server.inboundCall("5000"));
  const theirs = stack.use(await server.inboundCall("6000"));
  const ids = {
    mine: (await server.test.call("inbound", "to 5000")).id,
    theirs: (await server.test.call("inbound", "to 6000")).id,
  };
  const key = await server.key({ scopes: ["all"], numbers: ["5000"] });
  return { server, mine, theirs, ids, key, stack: stack.move() };
}

const ROUTES: [method: string, path: string, body?: unknown][] = [
  ["GET", ""],
  ["GET", "/events"],
  ["GET", "/transcript"],
  ["POST", "/transcript", { role: "other", text: "yes" }],
  ["POST", "/actions", { action: "note", text: "hm" }],
  ["POST", "/watch-tokens", {}],
];

Deno.test("a key bound to a number: another call is answered like a missing one", async () => {
  const { server, ids, key, stack } = await twoCalls();
  await using _stack = stack;
  for (const [method, path, body] of ROUTES) {
    const ask = (id: string) => server.ask(key.key, method, `/calls/${id}${path}`, body);
    const mine = await ask(ids.mine);
    assert(mine.status < 300, `${method} ${path}: ${mine.status}`);
    const [theirs, none] = [await ask(ids.theirs), await ask("none")];
    assertEquals([path, theirs.status], [path, 404]);
    assertEquals(theirs.body.detail.replace(ids.theirs, "none"), none.body.detail);
  }
});

Deno.test("a key bound to a number: recordings, actions and CDRs of other calls do not exist", async () => {
  const { server, mine, theirs, ids, key, stack } = await twoCalls();
  await using _stack = stack;
  const start = { action: "start" };
  assertEquals(
    (await server.ask(key.key, "POST", `/calls/${ids.theirs}/recording`, start)).status,
    404,
  );
  const hangup = { action: "hangup" };
  assertEquals(
    (await server.ask(key.key, "POST", `/calls/${ids.theirs}/actions`, hangup)).status,
    404,
  );
  assertEquals((await server.ask(key.key, "GET", `/calls/${ids.theirs}/recording`)).status, 404);
  for (const line of [mine, theirs]) {
    line.send({ event: "hangup" });
    line.send({ event: "cdr", sessionId: "x" });
    await line.whenClosed();
  }
  assertEquals((await server.ask(key.key, "GET", `/calls/${ids.mine}/cdr`)).status, 200);
  assertEquals((await server.ask(key.key, "GET", `/calls/${ids.theirs}/cdr`)).status, 404);
  const { body } = await server.ask(key.key, "GET", "/cdrs");
  assertEquals(body.cdrs.map(({ to }: { to: string }) => to), ["5000"]);
  for (const format of ["csv", "ndjson"]) {
    const { body } = await server.ask(key.key, "GET", `/cdrs?format=${format}`);
    const text = JSON.stringify(body);
    assertEquals([text.includes("5000"), text.includes("6000")], [true, false]);
  }
  assertEquals((await server.ask(ROOT_KEY, "GET", "/cdrs")).body.cdrs.length, 2);
});

Deno.test("a key bound to a number: its lists contain its calls only, page by page", async () => {
  await using server = await KeyedServer.start();
  await using stack = new AsyncDisposableStack();
  for (const [at, to] of ["5000", "6000", "+254700000001", "6000", "5000"].entries()) {
    stack.use(await server.inboundCall(to, `${at}`));
  }
  const { key } = await server.key({ scopes: ["calls:read"], numbers: ["5000", "254700000001"] });
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await server.ask(key, "GET", `/calls?limit=1${cursor}`);
    seen.push(...body.calls.map(({ to }: { to: string }) => to));
    cursor = body.next_cursor === undefined ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor !== "");
  assertEquals(seen, ["5000", "+254700000001", "5000"]);
  assertEquals((await server.ask(key, "GET", "/calls?to=6000")).body.calls, []);
});

Deno.test("a key bound to a number: it can watch no other call, nor can its ticket", async () => {
  const { server, ids, key, stack } = await twoCalls();
  await using _stack = stack;
  const tokenOf = async (id: string) =>
    (await server.ask(ROOT_KEY, "GET", `/calls/${id}`)).body.liveConversationToken;
  const watch = async (id: string) =>
    await server.handshake(key.key, `/ws/v1/liveCalls?conversationToken=${await tokenOf(id)}`);
  assertEquals(await watch(ids.mine), 101);
  assertEquals(await watch(ids.theirs), 404);
  const { body } = await server.ask(key.key, "POST", `/calls/${ids.mine}/watch-tokens`, {});
  const query = `conversationToken=${await tokenOf(ids.theirs)}&ticket=${body.ticket}`;
  assertEquals(await server.handshake(undefined, `/ws/v1/liveCalls?${query}`), 401);
});

Deno.test("a key bound to a number: its event stream has its calls only, past and live", async () => {
  const { server, ids, key, stack } = await twoCalls();
  await using _stack = stack;
  const live = await server.key({ scopes: ["events:read"], numbers: ["5000"] });
  await using past = await ServerEvents.open(server, key.key, "/events/stream?last_event_id=0");
  await using present = await ServerEvents.open(server, live.key, "/events/stream");
  const note = (id: string, text: string) =>
    server.ask(ROOT_KEY, "POST", `/calls/${id}/actions`, { action: "note", text });
  await note(ids.theirs, "not for you");
  await note(ids.mine, "for you");
  await note(ids.theirs, "nor this");
  await note(ids.mine, "the last");
  for (const events of [past, present]) {
    await events.next((data) => data["text"] === "the last");
    assertEquals(new Set(events.all.map(({ call_id }) => call_id)), new Set([ids.mine]));
  }
  const types = past.all.map(({ type }) => type);
  assertEquals(types, ["started", "answered", "note", "note"]);
  assertEquals(present.all.map(({ type }) => type), ["note", "note"]);
});

Deno.test("a key bound to a number: it sees no contracts and no clients", async () => {
  const { server, key, stack } = await twoCalls();
  await using _stack = stack;
  const deal = {
    transcript: "two bags",
    parties: [{ phone: "+254712345678", role: "buyer" }, {
      phone: "+254712345679",
      role: "seller",
    }],
  };
  const { body } = await server.ask(ROOT_KEY, "POST", "/contracts/create", deal);
  assertEquals((await server.ask(key.key, "GET", `/contracts/${body.contract_id}`)).status, 404);
  assertEquals((await server.ask(key.key, "GET", "/contracts")).body.total, 0);
  assertEquals((await server.ask(key.key, "GET", "/clients/+254712345678/inbox")).status, 404);
  assertEquals(await server.handshake(key.key, "/api/v1/ws/+254712345678"), 404);
});

Deno.test("a line's key bound to a number may bring calls to it, and gets 1008 for others", async () => {
  await using server = await KeyedServer.start();
  const { key } = await server.key({ scopes: ["line:inbound", "line:jambonz"], numbers: ["5000"] });
  await using _mine = await server.inboundCall("5000", "mine", key);
  await using other = await server.open(key, "/");
  other.send({ event: "incoming_call", callerId: "1", didNumber: "6000", sessionId: "s" });
  assertEquals((await other.whenClosed()).code, 1008);
  for (const type of ["session:new", "session:reconnect"]) {
    await using jambonz = await server.open(key, "/jambonz", ["ws.jambonz.org"]);
    jambonz.send(session(type, "6000"));
    assertEquals([type, (await jambonz.whenClosed()).code], [type, 1008]);
  }
  await using jambonz = await server.open(key, "/jambonz", ["ws.jambonz.org"]);
  jambonz.send(session("session:new", "5000"));
  await jambonz.next({ type: "ack" });
  const { body } = await server.ask(ROOT_KEY, "GET", "/calls");
  assertEquals(body.calls.map(({ to }: { to: string }) => to), ["5000", "5000"]);
});

function session(type: string, to: string) {
  const data = { call_sid: `sid ${to}`, from: "+15083084809", to, direction: "inbound" };
  return { type, msgid: "new", call_sid: data.call_sid, data };
}

Deno.test("a key bound to a number creates no key with wider bounds, and sees no other keys", async () => {
  await using server = await KeyedServer.start();
  const { key, id } = await server.key({ scopes: ["all"], numbers: ["5000", "5001"] });
  const make = (more: object) =>
    server.ask(key, "POST", "/keys", { name: "inner", scopes: ["all"], ...more });
  for (
    const more of [{}, { numbers: ["6000"] }, { numbers: ["5000"], clients: ["+254712345678"] }]
  ) {
    const { status, body } = await make(more);
    assertEquals(status, 403);
    assertStringIncludes(body.detail, `key:${id} crm`);
  }
  const inner: MadeKey = (await make({ numbers: ["5001"] })).body;
  const outer = await server.key({ scopes: ["calls:read"] });
  const { body } = await server.ask(key, "GET", "/keys");
  assertEquals(body.keys.map(({ id }: MadeKey) => id), [inner.id, id]);
  assertEquals((await server.ask(key, "DELETE", `/keys/${outer.id}`)).status, 404);
  assertEquals((await server.ask(key, "DELETE", `/keys/${inner.id}`)).status, 204);
  await assertRejects(() => Client.open(server.test.ws(`/?key=${inner.key}`)));
});
