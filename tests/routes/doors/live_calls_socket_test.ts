import { assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import type { Message } from "../../support/client.ts";
import {
  gathered,
  inboundCall,
  jambonzCall,
  QUIET_INBOUND,
  said,
  watch,
} from "../../support/lines.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const settings = { ...QUIET_INBOUND, JOIN_NUMBERS: "alice=+15551230000" };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

Deno.test("liveCalls sends the start and the end, and closes with 1000", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  await using watcher = await watch(server);
  const start = await watcher.next();
  assertEquals([start["type"], start["phone"]], ["event:start", "+15083084809"]);
  assertMatch(start["timestamp"] as string, ISO);
  line.send({ event: "hangup" });
  const end = await watcher.next({ type: "event:callEnd" });
  assertMatch(end["timestamp"] as string, ISO);
  assertEquals((await watcher.whenClosed()).code, 1000);
  assertEquals(watcher.messages.length, 2);
});

Deno.test("liveCalls lets several people watch and leave independently", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await jambonzCall(server);
  await using first = await watch(server);
  await using second = await watch(server);
  await using third = await watch(server);
  await second.close();
  line.send(gathered(line, "h", { digits: "4" }));
  for (const watcher of [first, third]) {
    await watcher.next({ type: "transcript", role: "assistant", msg: "You pressed 4." });
  }
  assertEquals((await server.call("jambonz", "sid-1")).state, "ringing");
});

Deno.test("liveCalls sends the past to someone who comes late", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await jambonzCall(server);
  line.send(said("call:status", "st", { call_status: "in-progress" }));
  const speech = { is_final: true, alternatives: [{ transcript: "good day" }] };
  line.send(gathered(line, "h", { speech }));
  await line.next({ type: "ack", msgid: "h" });
  await using early = await watch(server, { "x-user-id": "alice" });
  early.send({ type: "client:joinCall", id: "j" });
  await early.next({ type: "event:end" });
  await using late = await watch(server);
  await late.next({ type: "event:end" });
  const [start, greeting, theirs, ours, end] = late.messages;
  assertEquals(start!["type"], "event:start");
  assertObjectMatch(greeting!, { type: "transcript", role: "assistant" });
  // The greeting was sent before the answer.
  assertEquals("offset" in greeting!, false);
  assertObjectMatch(theirs!, { type: "transcript", role: "other", msg: "good day" });
  assertObjectMatch(ours!, { role: "assistant", msg: "You said: good day." });
  for (const transcript of [theirs!, ours!]) assertEquals(typeof transcript["offset"], "number");
  assertEquals(end!["type"], "event:end");
  assertEquals(late.messages.length, 5);
});

Deno.test("liveCalls ends an inbound call: ack, hangup to the line, then event:callEnd", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  await using watcher = await watch(server);
  watcher.send({ type: "client:endCall", id: "e1" });
  assertEquals(await line.next({ event: "hangup" }), { event: "hangup" });
  assertEquals((await watcher.whenClosed()).code, 1000);
  assertEquals(watcher.messages.map(({ type }) => type), ["event:start", "ack", "event:callEnd"]);
  assertEquals(watcher.messages[1], { type: "ack", ackId: "e1" });
  assertEquals((await server.call("inbound", "in-1")).endedBy, "watcher");
});

Deno.test("liveCalls ends an inbound call that is still ringing", async () => {
  await using server = await TestServer.start({
    settings: { ...settings, INBOUND_ANSWER_AFTER_MS: "never", INBOUND_CDR_WAIT_MS: "0" },
  });
  using line = await ringing(server);
  await using watcher = await watch(server);
  watcher.send({ type: "client:endCall", id: "e1" });
  await watcher.next({ type: "ack", ackId: "e1" });
  assertEquals(await line.next(), { event: "hangup" });
  assertEquals(await line.closeCode(), 1000);
});

Deno.test("liveCalls ends a jambonz call with a redirect to hangup", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await jambonzCall(server);
  line.send(said("call:status", "ip", { call_status: "in-progress" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "answered");
  await using watcher = await watch(server);
  watcher.send({ type: "client:endCall", id: "e1" });
  await watcher.next({ type: "ack", ackId: "e1" });
  assertEquals(await line.next({ type: "command" }), {
    type: "command",
    command: "redirect",
    queueCommand: false,
    data: [{ verb: "hangup" }],
  });
  line.send(said("call:status", "st", { call_status: "completed" }));
  await watcher.next({ type: "event:callEnd" });
  assertEquals((await server.call("jambonz", "sid-1")).endedBy, "watcher");
});

for (const [userId, number] of [["alice", "+15551230000"], ["+254712345678", "+254712345678"]]) {
  Deno.test(`liveCalls joins ${userId} to a jambonz call by dialling ${number}`, async () => {
    await using server = await TestServer.start({ settings });
    await using line = await jambonzCall(server);
    await using watcher = await watch(server, { "x-user-id": userId! });
    watcher.send({ type: "client:joinCall", id: "j1" });
    const redirect = await line.next({ type: "command", command: "redirect", queueCommand: false });
    const [dial] = redirect["data"] as Message[];
    assertObjectMatch(dial!, { verb: "dial", target: [{ type: "phone", number }] });
    await watcher.next({ type: "ack", ackId: "j1" });
    assertEquals(typeof (await watcher.next({ type: "event:end" }))["msg"], "string");
    assertEquals((await server.call("jambonz", "sid-1")).state, "handed_over");
  });
}

const UNKNOWN: Record<string, Record<string, string>> = { nobody: {}, bob: { "x-user-id": "bob" } };

for (const [who, headers] of Object.entries(UNKNOWN)) {
  Deno.test(`liveCalls cannot join ${who} to a jambonz call: an error and no ack`, async () => {
    await using server = await TestServer.start({ settings });
    await using line = await jambonzCall(server);
    await using watcher = await watch(server, headers);
    watcher.send({ type: "client:joinCall", id: "j1" });
    watcher.send({ type: "client:endCall", id: "e1" });
    await watcher.next({ type: "ack", ackId: "e1" });
    const answers = watcher.messages.map(({ type }) => type).slice(-2);
    assertEquals(answers, ["error", "ack"]);
    assertObjectMatch(await line.next({ type: "command" }), { data: [{ verb: "hangup" }] });
  });
}

Deno.test("liveCalls cannot join an inbound call: an error, and the socket stays open", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  await using watcher = await watch(server, { "x-user-id": "alice" });
  watcher.send({ type: "client:joinCall", id: "j1" });
  const { description } = await watcher.next({ type: "error" });
  assertMatch(description as string, /join/);
  watcher.send({ type: "client:endCall", id: "e1" });
  await line.next({ event: "hangup" });
  assertEquals(line.messages, [{ event: "answer" }, { event: "hangup" }]);
});

Deno.test("liveCalls acks a repeated id again and acts once", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await jambonzCall(server);
  await using watcher = await watch(server, { "x-user-id": "alice" });
  for (let times = 0; times < 3; times++) watcher.send({ type: "client:joinCall", id: "same" });
  for (let times = 0; times < 3; times++) await watcher.next({ type: "ack", ackId: "same" });
  for (let times = 0; times < 2; times++) watcher.send({ type: "client:endCall", id: "end" });
  for (let times = 0; times < 2; times++) await watcher.next({ type: "ack", ackId: "end" });
  line.send(said("verb:hook", "last"));
  await line.next({ msgid: "last" });
  const commands = line.messages.filter(({ type }) => type === "command");
  assertEquals(commands.map(({ data }) => (data as Message[])[0]!["verb"]), ["dial", "hangup"]);
  const asked = (await server.record(await server.call("jambonz", "sid-1")))
    .filter(({ type }) => type.endsWith("_requested"));
  assertEquals(asked.map(({ type }) => type), ["join_requested", "end_requested"]);
});

Deno.test("liveCalls keeps the ids of two watchers apart", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await jambonzCall(server);
  await using first = await watch(server);
  await using second = await watch(server);
  for (const watcher of [first, second]) {
    watcher.send({ type: "client:endCall", id: "1" });
    await watcher.next({ type: "ack", ackId: "1" });
    await line.next({ type: "command" });
  }
});

const BAD: [what: string, frame: string | Uint8Array<ArrayBuffer>][] = [
  ["malformed JSON", "{"],
  ["an array", "[]"],
  ["an unknown type", '{"type":"client:dance","id":"1"}'],
  ["no id", '{"type":"client:endCall"}'],
  ["an empty id", '{"type":"client:endCall","id":""}'],
  ["an id that is a number", '{"type":"client:endCall","id":1}'],
  ["a very long id", JSON.stringify({ type: "client:endCall", id: "x".repeat(257) })],
  ["a binary frame", new Uint8Array(3)],
];

for (const [what, frame] of BAD) {
  Deno.test(`liveCalls answers ${what} with an error and stays open`, async () => {
    await using server = await TestServer.start({ settings });
    await using line = await inboundCall(server);
    await using watcher = await watch(server);
    watcher.send(frame);
    const error = await watcher.next({ type: "error" });
    assertEquals(typeof error["description"], "string");
    watcher.send({ type: "client:endCall", id: "e1" });
    await watcher.next({ type: "ack", ackId: "e1" });
    await line.next({ event: "hangup" });
  });
}

async function ringing(server: TestServer): Promise<RawSocket> {
  const line = await RawSocket.open(server.port, "/");
  const call = { event: "incoming_call", callerId: "+15083084809", didNumber: "5000" };
  await line.send({ ...call, sessionId: "in-1" });
  // It does not answer while it rings; the log shows that it has come so far.
  await server.log.some(({ msg, to }) => msg === "session moved" && to === "ringing");
  return line;
}
