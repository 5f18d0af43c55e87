/** A call that comes back after we have given it up continues in its own record. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { Client, type Message } from "../../support/client.ts";
import { JAMBONZ, jambonzCall, said, sessionNew } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

Deno.test("jambonz continues the record of a call that was given up too early", async () => {
  await using server = await TestServer.start({ settings: { JAMBONZ_RECONNECT_WAIT_MS: "1" } });
  const lost = await jambonzCall(server);
  lost.send(said("call:status", "a1", { call_status: "in-progress" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "answered");
  lost.close(4001);
  const given = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
  assertEquals([given.state, given.endedBy, given.cdr?.madeByUs], ["ended", "lost", true]);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send({ ...sessionNew(), type: "session:reconnect", msgid: "back" });
  // The caller has been greeted already.
  assertEquals(await line.next(), { type: "ack", msgid: "back" });
  const back = await server.call("jambonz", "sid-1", ({ state }) => state === "answered");
  assertEquals([back.id, back.endedAt, back.endedBy, back.cdr], [given.id, null, null, null]);
  await server.rest("POST", `/calls/${given.id}/actions`, { action: "interrupt" });
  await line.next({ command: "redirect", queueCommand: false });
  line.send(said("call:status", "e1", { call_status: "completed", call_termination_by: "caller" }));
  const over = await server.call(
    "jambonz",
    "sid-1",
    ({ cdr, endedBy }) => cdr !== null && endedBy !== "lost",
  );
  assertEquals([over.id, over.endedBy, over.cdr?.hangupBy], [given.id, "caller", "CALLER"]);
  assertNotEquals(over.cdr, given.cdr);
  const { calls } = await server.rest("GET", "/calls");
  assertEquals(calls.map(({ id }: Message) => id), [given.id]);
  const types = (await server.record(over)).map(({ type }) => type);
  assertEquals(types.filter((type) => ["line_lost", "ended", "line_back", "cdr"].includes(type)), [
    "line_lost",
    "ended",
    "cdr",
    "line_back",
    "ended",
    "cdr",
  ]);
});

Deno.test("jambonz starts a record for the reconnect of an unknown call", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send({ ...sessionNew(), type: "session:reconnect", msgid: "back" });
  const ack = await line.next({ type: "ack", msgid: "back" });
  assertEquals((ack["data"] as Message[])[0]!["verb"], "gather");
});

for (const by of ["lost", "caller"] as const) {
  Deno.test(`jambonz comes back for a call that was ended by ${by} and has no CDR yet`, async () => {
    await using server = await TestServer.start();
    const lost = await jambonzCall(server);
    const { calls } = server.server.services;
    const ended = await server.call("jambonz", "sid-1");
    await calls.record(ended.id, { type: "ended", actor: "line", data: { by, reason: "over" } });
    await lost.close(4001);
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send({ ...sessionNew(), type: "session:reconnect", msgid: "back" });
    await line.next({ type: "ack", msgid: "back" });
    const [now] = (await server.rest("GET", "/calls")).calls as Message[];
    // Its state is unchanged; an end that was not a loss stays one.
    assertEquals([now?.["id"] === ended.id, now?.["state"]], [by === "lost", "ringing"]);
  });
}
