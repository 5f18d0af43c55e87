/** `apps/screening.ts` on both lines. */
import { assertEquals } from "@std/assert";
import { serverWith } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { inboundCall, JAMBONZ, said, sessionNew, watch } from "../support/lines.ts";
import { InboundAppCall } from "../../app_host/inbound/inbound_app_call.ts";
import { TestServer } from "../support/server.ts";

const JOINS = { settings: { JOIN_NUMBERS: "ann=+15551230000" } };

function words(transcript: string): Message {
  return { speech: { is_final: true, alternatives: [{ transcript, confidence: 0.9 }] } };
}

/** A jambonz call after its screening, and a watcher who followed it. */
async function screened(server: TestServer): Promise<{ line: Client; watcher: Client }> {
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data: [who] } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
  line.send(said("call:status", "st", { call_status: "in-progress" }));
  const watcher = await watch(server, { "x-user-id": "ann" });
  line.send({ ...said("verb:hook", "h1", words("Bob")), hook: String(who!["actionHook"]) });
  const { data: [why] } = await line.next({ type: "ack", msgid: "h1" }) as { data: Message[] };
  line.send({ ...said("verb:hook", "h2", words("a spade")), hook: String(why!["actionHook"]) });
  const { data } = await line.next({ type: "ack", msgid: "h2" });
  assertEquals(data, [{ verb: "say", text: "Thank you. Please hold the line." }]);
  for (const msg of ["Hello. Who is calling, please?", "Bob", "a spade"]) {
    await watcher.next({ type: "transcript", msg });
  }
  await watcher.next({ type: "event:end", msg: "Bob calls about: a spade" });
  return { line, watcher };
}

Deno.test("screening, jambonz: a watcher sees who calls and why, and joins", async () => {
  await using server = await serverWith("apps/screening.ts", JOINS);
  const { line, watcher } = await screened(server);
  watcher.send({ type: "client:joinCall", id: "1" });
  await watcher.next({ type: "ack", ackId: "1" });
  const { data: [dial] } = await line.next({ command: "redirect" }) as { data: Message[] };
  assertEquals(dial!["verb"], "dial");
  line.send(said("call:status", "s", { call_status: "completed" }));
  await watcher.next({ type: "event:callEnd" });
  const redirects = line.messages.filter(({ command }) => command === "redirect");
  assertEquals(redirects.length, 1, "the app leaves the call alone");
  await watcher.close();
  await line.close();
});

Deno.test("screening, jambonz: a watcher who joins after its end receives event:end once, and the record has one", async () => {
  await using server = await serverWith("apps/screening.ts", JOINS);
  const { line, watcher } = await screened(server);
  const ends = () => watcher.messages.filter(({ type }) => type === "event:end").length;
  assertEquals(ends(), 1);
  for (const id of ["1", "2"]) {
    watcher.send({ type: "client:joinCall", id });
    await watcher.next({ type: "ack", ackId: id });
    await line.next({ command: "redirect" });
  }
  line.send(said("call:status", "s", { call_status: "completed" }));
  await watcher.next({ type: "event:callEnd" });
  assertEquals(ends(), 1);
  const record = await server.record(await server.call("jambonz", "sid-1"));
  assertEquals(record.filter(({ type }) => type === "screening_ended").length, 1);
  const joined = record.filter(({ type, data }) => type === "line_event" && "type" in data)
    .filter(({ data }) => (data as Message)["type"] === "joined");
  assertEquals(joined.length, 2, "a restart does not put anybody through again");
  await watcher.close();
  await line.close();
});

Deno.test("screening: an app that ends it twice notifies watchers once", async () => {
  await using server = await TestServer.start();
  await using line = await inboundCall(server);
  const call = await server.call("inbound", "in-1");
  const app = new InboundAppCall(call, server.server.services, {
    id: "s",
    door: "test",
    ended: Promise.resolve(),
    takesMore: true,
    notify: () => true,
    notifyAudio: () => true,
    hangUp() {},
  });
  await using watcher = await watch(server);
  app.startScreening();
  for (const msg of ["first", "second"]) app.endScreening(msg);
  app.transcript("assistant", "behind both");
  await watcher.next({ type: "transcript", msg: "behind both" });
  const ends = watcher.messages.filter(({ type }) => type === "event:end");
  assertEquals(ends.map(({ msg }) => msg), ["first"]);
  line.send({ event: "hangup" });
  await watcher.next({ type: "event:callEnd" });
});

Deno.test("screening, jambonz: a watcher ends the call", async () => {
  await using server = await serverWith("apps/screening.ts", JOINS);
  const { line, watcher } = await screened(server);
  watcher.send({ type: "client:endCall", id: "1" });
  await watcher.next({ type: "ack", ackId: "1" });
  const { data } = await line.next({ command: "redirect" });
  assertEquals(data, [{ verb: "hangup" }]);
  line.send(said("call:status", "s", { call_status: "completed" }));
  await watcher.next({ type: "event:callEnd" });
  await watcher.close();
  await line.close();
});

Deno.test("screening, jambonz: a watcher who joins during a question takes the call", async () => {
  await using server = await serverWith("apps/screening.ts", JOINS);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  await using watcher = await watch(server, { "x-user-id": "ann" });
  watcher.send({ type: "client:joinCall", id: "1" });
  await line.next({ command: "redirect" });
  await watcher.next({ type: "event:end" });
  // Whatever else the app asked for would go out before this.
  const { id } = await server.call("jambonz", "sid-1");
  const verbs = [{ verb: "say", text: "From REST" }];
  await server.rest("POST", `/calls/${id}/actions`, { action: "redirect", verbs });
  assertEquals((await line.next({ command: "redirect" }))["data"], verbs);
  assertEquals(line.messages.filter(({ type }) => type === "command").length, 2);
});

Deno.test("screening, inbound: it receives words over REST, and a watcher ends the call", async () => {
  await using server = await serverWith("apps/screening.ts");
  await using line = await inboundCall(server);
  await using watcher = await watch(server);
  const { id } = await server.call("inbound", "in-1");
  for (const [question, text] of [["Who is calling", "Bob"], ["What is it about", "a spade"]]) {
    while (!String((await watcher.next({ type: "transcript" }))["msg"]).includes(question!));
    await server.rest("POST", `/calls/${id}/transcript`, { role: "other", text });
  }
  await watcher.next({ type: "event:end", msg: "Bob calls about: a spade" });
  watcher.send({ type: "client:endCall", id: "1" });
  await line.next({ event: "hangup" });
});
