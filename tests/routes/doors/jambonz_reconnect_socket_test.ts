import { assertEquals, assertObjectMatch } from "@std/assert";
import { AppFile, Gate, serverWith } from "../../support/apps.ts";
import { within } from "../../support/arrivals.ts";
import { Client, type Message } from "../../support/client.ts";
import { JAMBONZ, jambonzCall, said, sessionNew, watch } from "../../support/lines.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const SUBPROTOCOL = { "sec-websocket-protocol": "ws.jambonz.org" };
const NEVER = { JAMBONZ_RECONNECT_WAIT_MS: "never" };

const RECONNECTS: [what: string, message: Message][] = [
  ["the whole session", { ...sessionNew(), type: "session:reconnect", msgid: "back" }],
  ["only its call_sid", { type: "session:reconnect", msgid: "back", call_sid: "sid-1" }],
  ["its call_sid as data", { type: "session:reconnect", msgid: "back", data: "sid-1" }],
];

for (const [what, message] of RECONNECTS) {
  Deno.test(`jambonz resumes a lost call that comes back with ${what}`, async () => {
    await using server = await TestServer.start();
    const hook = await lostCall(server);
    const before = await server.rest("GET", "/calls");
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(message);
    // The caller has been greeted already.
    assertEquals(await line.next(), { type: "ack", msgid: "back" });
    await server.call("jambonz", "sid-1", ({ lastSeq }) => lastSeq > before.calls[0].lastSeq);
    const { calls } = await server.rest("GET", "/calls");
    assertEquals(calls.map(({ id }: Message) => id), [before.calls[0].id]);
    line.send({ ...said("verb:hook", "h1", { digits: "4" }), hook });
    assertObjectMatch(await line.next({ msgid: "h1" }), {
      data: [{ say: { text: "You pressed 4." } }],
    });
  });
}

Deno.test("jambonz is greeted in the reconnect when it never received the first ack", async () => {
  using gate = new Gate();
  using end = new Gate();
  using app = new AppFile(`call.note("begun"); ${gate.wait} call.say("Hello"); ${end.wait}`);
  await using server = await serverWith(app.path);
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  await server.recorded(await server.call("jambonz", "sid-1"), ({ type }) => type === "note");
  lost.leave();
  await server.log.some(({ msg }) => msg === "session ended");
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  gate.open();
  assertEquals(await line.next(), {
    type: "ack",
    msgid: "back",
    data: [{ verb: "say", text: "Hello" }],
  });
});

Deno.test("jambonz is greeted for a call that comes back to a server that does not know it", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back", { from: "+15083084809" }, "elsewhere"));
  const ack = await line.next({ type: "ack", msgid: "back" });
  assertEquals((ack["data"] as Message[])[0]!["verb"], "gather");
});

Deno.test("jambonz resumes a call whose old socket is not yet known to be lost", async () => {
  await using server = await TestServer.start();
  using halfOpen = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await halfOpen.send(sessionNew());
  await halfOpen.next({ type: "ack" });
  await halfOpen.send(said("call:status", "st", { call_status: "in-progress" }));
  await server.call("jambonz", "sid-1", ({ answeredAt }) => answeredAt !== null);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  await line.next({ msgid: "back" });
  await using watcher = await watch(server);
  halfOpen.leave();
  await server.log.some(({ msg }) => msg === "session ended");
  watcher.send({ type: "client:endCall", id: "e1" });
  await watcher.next({ type: "ack", ackId: "e1" });
  const { data } = await line.next({ type: "command", queueCommand: false });
  assertEquals(data, [{ verb: "hangup" }]);
  const record = await server.record(await server.call("jambonz", "sid-1"));
  assertEquals(record.filter(({ type }) => type === "line_lost"), [], "it has lost nothing");
});

Deno.test("jambonz loses a call's socket, and watchers miss nothing", async () => {
  await using server = await TestServer.start();
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  const [gather] = (await lost.next({ type: "ack" }))["data"] as Message[];
  await using watcher = await watch(server);
  await watcher.next({ type: "transcript", role: "assistant" });
  lost.leave();
  await server.log.some(({ msg, door }) => msg === "session ended" && door === "jambonz");
  await using late = await watch(server);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  await line.next({ type: "ack", msgid: "back" });
  line.send({ ...said("verb:hook", "h1", { digits: "4" }), hook: String(gather!["actionHook"]) });
  for (const one of [watcher, late]) {
    await one.next({ type: "transcript", msg: "You pressed 4." });
    assertEquals(one.messages.map(({ type, msg }) => msg ?? type), [
      "event:start",
      "Hello, this is Tipring. Say something, or press a key. Press 9 to hang up.",
      "You pressed 4.",
    ]);
  }
  line.send(said("call:status", "st", { call_status: "completed" }));
  for (const one of [watcher, late]) {
    await one.next({ type: "event:callEnd" });
    assertEquals((await one.whenClosed()).code, 1000);
  }
});

Deno.test("jambonz does not come back, and its call ends with our own CDR", async () => {
  await using server = await TestServer.start({ settings: { JAMBONZ_RECONNECT_WAIT_MS: "150" } });
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  await lost.next({ type: "ack" });
  lost.leave();
  const call = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
  assertEquals([call.state, call.endedBy], ["ended", "lost"]);
  assertObjectMatch({ ...call.cdr }, { madeByUs: true, hangupCauseCode: 38 });
});

Deno.test("jambonz does not come back, and watchers receive the end", async () => {
  await using server = await TestServer.start({ settings: { JAMBONZ_RECONNECT_WAIT_MS: "50" } });
  await using line = await jambonzCall(server);
  await using watcher = await watch(server);
  await watcher.next({ type: "event:start" });
  await line.close(3000);
  await watcher.next({ type: "event:callEnd" });
  assertEquals((await watcher.whenClosed()).code, 1000);
});

Deno.test("jambonz carries out a watcher's request after the reconnect", async () => {
  await using server = await TestServer.start({ settings: NEVER });
  await lostCall(server);
  await using watcher = await watch(server);
  watcher.send({ type: "client:endCall", id: "e1" });
  await watcher.next({ type: "ack", ackId: "e1" });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  assertEquals(await line.next(), { type: "ack", msgid: "back" });
  assertEquals(await line.next({ queueCommand: false }), {
    type: "command",
    command: "redirect",
    queueCommand: false,
    data: [{ verb: "hangup" }],
  });
  line.send(said("call:status", "st", { call_status: "completed" }));
  await watcher.next({ type: "event:callEnd" });
  assertEquals((await server.call("jambonz", "sid-1")).endedBy, "watcher");
});

Deno.test("jambonz gets the app's requests after the reconnect", async () => {
  using gate = new Gate();
  using end = new Gate();
  using app = new AppFile(`
    await call.gather();
    call.note("asked");
    ${gate.wait}
    call.say("Later");
    ${end.wait}
  `);
  await using server = await serverWith(app.path, { settings: NEVER });
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  const [gather] = (await lost.next({ type: "ack" }))["data"] as Message[];
  await lost.send({
    ...said("verb:hook", "h1", { digits: "1" }),
    hook: String(gather!["actionHook"]),
  });
  const call = await server.call("jambonz", "sid-1");
  await server.recorded(call, ({ type }) => type === "note");
  lost.leave();
  await server.log.next(({ msg }) => msg === "session ended");
  gate.open();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  assertEquals(await line.next(), { type: "ack", msgid: "back" });
  assertEquals(await line.next(), {
    type: "command",
    command: "redirect",
    queueCommand: true,
    data: [{ verb: "say", text: "Later" }],
  });
  assertEquals((await server.record(call)).filter(({ type }) => type === "line_back").length, 1);
});

Deno.test("jambonz gets, after the reconnect, an answer that was not recorded in time", async () => {
  using end = new Gate();
  using app = new AppFile(`
    const { by } = await call.gather({ digits: 1 });
    call.say("Later");
    globalThis.answered();
    const next = await call.gather({ say: "And now?", digits: 1 });
    call.say(by + next.by);
    ${end.wait}
  `);
  const answered = Promise.withResolvers<void>();
  Object.assign(globalThis, { answered: answered.resolve });
  await using server = await serverWith(app.path, { settings: NEVER });
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  const [gather] = (await lost.next({ type: "ack" }))["data"] as Message[];
  const disk = heldWrites(server);
  await lost.send({
    ...said("verb:hook", "h1", { digits: "1" }),
    hook: String(gather!["actionHook"]),
  });
  await within(answered.promise, () => "the app is not asked");
  lost.leave();
  await server.log.next(({ msg }) => msg === "session ended");
  disk.release();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  assertEquals(await line.next(), { type: "ack", msgid: "back" });
  const { queueCommand, data } = await line.frames.next((frame) =>
    JSON.stringify(frame).includes("Later")
  ) as { queueCommand: boolean; data: Message[] };
  assertEquals([queueCommand, data.map(({ verb }) => verb)], [true, ["say", "gather"]]);
  line.send({
    ...said("verb:hook", "h2", { digits: "2" }),
    hook: String(data[1]!["actionHook"]),
  });
  const ack = await line.next({ type: "ack", msgid: "h2" });
  assertEquals(ack["data"], [{ verb: "say", text: "digitsdigits" }]);
});

/** Holds up every write of the server's call records, until it is released. */
function heldWrites(server: TestServer): { release(): void } {
  const { calls } = server.server.services.store;
  const { promise, resolve } = Promise.withResolvers<void>();
  const append = calls.append.bind(calls);
  calls.append = (...args) => promise.then(() => append(...args));
  return { release: resolve };
}

Deno.test("jambonz refuses a join of an unknown user while the socket is away, too", async () => {
  await using server = await TestServer.start({ settings: NEVER });
  await lostCall(server);
  await using watcher = await watch(server);
  watcher.send({ type: "client:joinCall", id: "j1" });
  const { type } = await watcher.frames.next((frame) =>
    "ackId" in frame || ("type" in frame && frame["type"] === "error")
  ) as Message;
  assertEquals(type, "error");
});

Deno.test("jambonz ends the call by closing its socket with 1000", async () => {
  await using server = await TestServer.start({ settings: NEVER });
  await using line = await jambonzCall(server);
  await line.close(1000);
  const call = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
  assertEquals(call.state, "ended");
});

/** A call that was greeted and has lost its socket; resolves with the hook that it waits for. */
async function lostCall(server: TestServer): Promise<string> {
  const lost = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
  await lost.send(sessionNew());
  const [gather] = (await lost.next({ type: "ack", msgid: "new" }))["data"] as Message[];
  await lost.send(said("call:status", "st", { call_status: "in-progress" }));
  await server.call("jambonz", "sid-1", ({ answeredAt }) => answeredAt !== null);
  lost.leave();
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 1006);
  return String(gather!["actionHook"]);
}
