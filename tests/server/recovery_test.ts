import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import type { Client, Message } from "../support/client.ts";
import { LastingServer } from "../support/lasting_server.ts";
import { pressed, said } from "../support/site.ts";

const NEVER = { JAMBONZ_RECONNECT_WAIT_MS: "never" };
const QUIET = { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" };

Deno.test("a restarted server knows every call from before the kill", async () => {
  await using server = await LastingServer.start({ ...NEVER, ...QUIET });
  const lines: Client[] = [];
  for (const id of ["in-1", "in-2"]) lines.push(await server.inboundCall(id));
  for (const id of ["sid-1", "sid-2"]) lines.push(await server.jambonzCall(id));
  lines[0]!.send({ event: "hangup" });
  lines[0]!.send({ event: "cdr", sessionId: "in-1", duration: 7, disposition: "ANSWERED" });
  await server.call("in-1", ({ cdr }) => cdr !== null);
  const before = (await server.rest("GET", "/calls")).calls;
  await server.kill();
  await Promise.all(lines.map((line) => line.whenClosed()));
  await server.startAgain();
  const after = (await server.rest("GET", "/calls")).calls;
  assertEquals(after.map(({ id }: Message) => id), before.map(({ id }: Message) => id));
  const over = (calls: Message[]) => calls.find(({ platformId }) => platformId === "in-1");
  assertEquals(over(after), over(before));
  assertEquals(
    after.map(({ platformId, state }: Message) => `${platformId} ${state}`),
    ["sid-2 ringing", "sid-1 ringing", "in-2 ended", "in-1 ended"],
  );
});

Deno.test("an inbound call whose socket died with the server ends with our own CDR", async () => {
  await using server = await LastingServer.start(QUIET);
  await using line = await server.inboundCall("in-1");
  line.send({ event: "dtmf", digit: "5" });
  const { id, liveConversationToken } = await server.call("in-1", ({ lastSeq }) => lastSeq === 3);
  await server.kill();
  await line.whenClosed();
  await server.startAgain();
  const call = await server.rest("GET", `/calls/${id}`);
  assertEquals([call.state, call.endedBy], ["ended", "lost"]);
  assert(call.endedAt >= call.answeredAt);
  assertObjectMatch(call.cdr, {
    sessionId: "in-1",
    madeByUs: true,
    disposition: "ANSWERED",
    hangupCauseCode: 38,
    hangupCauseText: "Network failure",
    hangupBy: null,
  });
  const record = server.record(id);
  assertEquals(record.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  assertEquals(
    record.map(({ type }) => type),
    ["started", "answered", "dtmf", "ended", "cdr"],
  );
  assertEquals(record[3]!.actor, "us");
  await using late = await server.watch(liveConversationToken, 3);
  assertObjectMatch(await late.next(), { type: "event:callEnd", seq: 4 });
  assertEquals((await late.whenClosed()).code, 1000);
  await server.kill();
  await server.startAgain();
  assertEquals(server.record(id), record, "it is ended once");
});

Deno.test("an inbound call that was over does not wait for a CDR after its socket died", async () => {
  await using server = await LastingServer.start({ ...QUIET, INBOUND_CDR_WAIT_MS: "never" });
  await using line = await server.inboundCall("in-1");
  line.send({ event: "hangup" });
  const { id } = await server.call("in-1", ({ state }) => state === "ended");
  await server.kill();
  await server.startAgain();
  assertEquals(server.record(id).map(({ type }) => type), ["started", "answered", "ended", "cdr"]);
  const { endedBy, cdr } = await server.rest("GET", `/calls/${id}`);
  assertEquals([endedBy, cdr.madeByUs, cdr.hangupBy], ["caller", true, "CALLER"]);
});

for (const how of ["kill", "stop"] as const) {
  Deno.test(`a jambonz call continues where it was after a ${how} of the server`, async () => {
    await using server = await LastingServer.start(NEVER);
    await using lost = await server.jambonzCall("sid-1");
    const { id, liveConversationToken } = await server.call("sid-1");
    await using watcher = await server.watch(liveConversationToken, 0);
    lost.send(pressed("1", "sid-1", lost));
    await lost.next({ type: "ack", msgid: "pressed 1" });
    const last = await watcher.next({ type: "transcript", msg: "You pressed 1." });
    await server[how]();
    await Promise.all([lost.whenClosed(), watcher.whenClosed()]);
    await server.startAgain();
    await using line = await server.jambonz();
    line.send(said("session:reconnect", "back", "sid-1"));
    assertEquals(await line.next(), { type: "ack", msgid: "back" }, "nobody is greeted twice");
    await line.next({ type: "command", command: "redirect", queueCommand: false });
    await using back = await server.watch(liveConversationToken, Number(last["seq"]));
    line.send(pressed("2", "sid-1", line));
    await back.next({ type: "transcript", msg: "You pressed 2." });
    line.send(said("call:status", "st", "sid-1", { call_status: "completed" }));
    await back.next({ type: "event:callEnd" });
    assertEquals((await back.whenClosed()).code, 1000);
    const { calls } = await server.rest("GET", "/calls");
    assertEquals(calls.map((call: Message) => call["id"]), [id]);
    await server.call("sid-1", ({ cdr }) => cdr !== null);
    const record = server.record(id);
    assertEquals(record.map(({ seq }) => seq), record.map((_, at) => at + 1));
    // Both sockets of the watcher together received everything once.
    const heard = [...watcher.messages, ...back.messages].map(({ seq, type }) => [seq, type]);
    const tellable = record.flatMap(({ seq, type }) => type in TOLD ? [[seq, TOLD[type]]] : []);
    assertEquals(heard, tellable);
    assertEquals(
      record.flatMap(({ data }) => data.msg === undefined ? [] : [data.msg]).slice(1),
      [
        "You pressed 1.",
        "Are you still there? Please say something, or press a key.",
        "You pressed 2.",
      ],
    );
  });
}

const TOLD: Readonly<Record<string, string>> = {
  started: "event:start",
  transcript: "transcript",
  ended: "event:callEnd",
};

Deno.test("a jambonz call whose greeting was never acked is greeted after a kill", async () => {
  await using server = await LastingServer.start(NEVER);
  await using lost = await server.jambonz();
  // The call has only been announced: without a session there is no greeting yet.
  lost.send(said("call:status", "st", "sid-1", { call_status: "trying", from: "1", to: "2" }));
  const { id } = await server.call("sid-1");
  await server.kill();
  await server.startAgain();
  await using line = await server.jambonz();
  line.send(said("session:reconnect", "back", "sid-1"));
  const ack = await line.next({ type: "ack", msgid: "back" });
  assertEquals((ack["data"] as Message[])[0]!["verb"], "gather");
  assertEquals((await server.call("sid-1"))["id"], id);
});

Deno.test("a jambonz call that does not come back after a kill ends as lost", async () => {
  await using server = await LastingServer.start({ JAMBONZ_RECONNECT_WAIT_MS: "300" });
  await using lost = await server.jambonzCall("sid-1");
  const { id } = await server.call("sid-1");
  await server.kill();
  await lost.whenClosed();
  await server.startAgain();
  const call = await server.call("sid-1", ({ cdr }) => cdr !== null);
  assertEquals([call["state"], call["endedBy"]], ["ended", "lost"]);
  assertObjectMatch(call["cdr"] as Message, { madeByUs: true, hangupCauseCode: 38 });
  const record = server.record(id);
  assertEquals(record.map(({ seq }) => seq), record.map((_, at) => at + 1));
  assertEquals(record.slice(-2).map(({ type }) => type), ["ended", "cdr"]);
});

Deno.test("a watcher's request before a kill is carried out after the reconnect, once", async () => {
  await using server = await LastingServer.start(NEVER);
  await using lost = await server.jambonzCall("sid-1");
  const { liveConversationToken } = await server.call("sid-1");
  await lost.close(3000);
  await server.call("sid-1", ({ id }) => server.types(id).includes("line_lost"));
  await using watcher = await server.watch(liveConversationToken);
  watcher.send({ type: "client:endCall", id: "e1" });
  await watcher.next({ type: "ack", ackId: "e1" });
  await server.kill();
  await watcher.whenClosed();
  await server.startAgain();
  await using line = await server.jambonz();
  line.send(said("session:reconnect", "back", "sid-1"));
  await line.frames.some((frame) => "msgid" in frame && frame["msgid"] === "back");
  // No message said whether the call was answered; its first verbs may have answered it.
  const end = await line.frames.some((frame) => "command" in frame) as Message;
  assertEquals([end["queueCommand"], verbsOf(end)], [false, ["hangup", "sip:decline"]]);
  line.send(said("call:status", "st", "sid-1", { call_status: "completed" }));
  const call = await server.call("sid-1", ({ cdr }) => cdr !== null);
  assertEquals(call["endedBy"], "watcher");
  assertEquals(line.messages.length, 2, "the app does not begin again");
});

function verbsOf({ data }: Message): unknown[] {
  return (data as Message[]).map(({ verb }) => verb);
}
