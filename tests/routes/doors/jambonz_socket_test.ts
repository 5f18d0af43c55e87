import { assertEquals, assertObjectMatch, assertStringIncludes } from "@std/assert";
import type { Application } from "../../../protocols/jambonz/application.ts";
import type { Command } from "../../../protocols/jambonz/commands.ts";
import { Client, type Message } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { JAMBONZ, jambonzCall, said, sessionNew } from "../../support/lines.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

for (
  const offered of [
    "",
    "foo",
    "WS.JAMBONZ.ORG",
    "ws.jambonz.org.evil",
    "ws.jambonz.org;q=1",
    "audio.jambonz.org, chat",
  ]
) {
  Deno.test(`jambonz refuses the subprotocol "${offered}" before the upgrade`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    const answer = await raw.handshake("/jambonz", { "sec-websocket-protocol": offered });
    assertEquals(answer.status, 400);
    assertEquals(answer.headers.get("content-type"), "application/problem+json");
    assertEquals(answer.headers.get("x-request-id")?.length, 36);
    assertStringIncludes(JSON.parse(answer.body).detail, "ws.jambonz.org");
  });
}

for (
  const offered of [
    "ws.jambonz.org",
    "foo,ws.jambonz.org",
    "ws.jambonz.org , x",
    "  a ,  b,ws.jambonz.org  ",
    "a,, ws.jambonz.org,",
  ]
) {
  Deno.test(`jambonz echoes its subprotocol out of "${offered}"`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    const answer = await raw.handshake("/jambonz", { "sec-websocket-protocol": offered });
    assertEquals(answer.status, 101);
    assertEquals(answer.headers.get("sec-websocket-protocol"), "ws.jambonz.org");
    await raw.send(sessionNew());
    assertEquals((await raw.next())["msgid"], "new");
  });
}

Deno.test("jambonz tells its settings to whoever asks with OPTIONS", async () => {
  await using server = await TestServer.start();
  const response = await answerTo(server.http("/jambonz"), { method: "OPTIONS" });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/json");
  const settings: Record<string, Message> = await response.json();
  for (const { type, description } of Object.values(settings)) {
    assertEquals([typeof type, typeof description], ["string", "string"]);
  }
});

for (
  const path of [
    "/jambonz/adulting",
    "/jambonz//adulting",
    "/jambonz/adulting/adulting",
    "/jambonz//adulting//adulting",
    "/jambonz?x=1/adulting",
    "/jambonz?x=1/adulting/adulting",
  ]
) {
  Deno.test(`jambonz takes a child leg on ${path}`, async () => {
    await using server = await TestServer.start();
    await using _parent = await jambonzCall(server, "parent");
    await using child = await Client.open(server.ws(path), JAMBONZ);
    child.send({
      type: "session:adulting",
      msgid: "adult",
      data: { call_sid: "child", parent_call_info: { call_sid: "parent" } },
    });
    const ack = await child.next({ type: "ack", msgid: "adult" });
    assertEquals((ack["data"] as Message[])[0]!["verb"], "gather");
    const { id } = await server.call("jambonz", "parent");
    assertEquals((await server.call("jambonz", "child")).parentCallId, id);
  });
}

Deno.test("jambonz is where the settings put it", async () => {
  await using server = await TestServer.start({ settings: { JAMBONZ_PATH: "/apps/voice" } });
  await using line = await Client.open(server.ws("/apps/voice"), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  await using _child = await Client.open(server.ws("/apps/voice//adulting"), JAMBONZ);
});

Deno.test("jambonz talks a whole call through and closes with 1000 at its end only", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const greeting = await line.next({ msgid: "new" });
  assertObjectMatch(greeting, { type: "ack", data: [{ verb: "gather", actionHook: "/gathered" }] });
  line.send(said("call:status", "st1", { call_status: "in-progress" }));
  line.send(said("verb:status", "vs1", { event: "starting", name: "gather" }));
  const speech = { is_final: true, alternatives: [{ confidence: 0.9, transcript: "good day" }] };
  line.send({
    ...said("verb:hook", "h1", { speech, reason: "speechDetected" }),
    hook: "/gathered",
  });
  const reply = await line.next({ type: "ack", msgid: "h1" });
  assertObjectMatch(reply, { data: [{ verb: "gather", say: { text: "You said: good day." } }] });
  line.send({ ...said("verb:hook", "h2", { digits: "9" }), hook: "/gathered" });
  const goodbye = await line.next({ type: "ack", msgid: "h2" });
  assertEquals((goodbye["data"] as Message[]).map(({ verb }) => verb), ["say", "hangup"]);
  line.send(said("call:status", "st2", { call_status: "completed", duration: 3 }));
  line.send({ ...said("verb:hook", "late", {}), hook: "/gathered" });
  assertEquals(await line.next({ msgid: "late" }), { type: "ack", msgid: "late" });
  assertEquals((await line.whenClosed()).code, 1000);
  // Statuses of calls and verbs get no ack.
  assertEquals(line.messages.map(({ msgid }) => msgid), ["new", "h1", "h2", "late"]);

  const call = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
  assertObjectMatch({ ...call }, { state: "ended", from: "+15083084809", to: "1001" });
  assertObjectMatch({ ...call.cdr }, { madeByUs: true, disposition: "ANSWERED" });
  const transcripts = (await server.record(call)).flatMap((event) =>
    event.type === "transcript" ? [`${event.data.role}: ${event.data.msg}`] : []
  );
  assertEquals(transcripts.slice(1), [
    "other: good day",
    "assistant: You said: good day.",
    "assistant: Goodbye.",
  ]);
});

Deno.test("jambonz takes a call that is announced before its session:new", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  const data = { call_sid: "sid-1", direction: "outbound", call_status: "trying" };
  line.send({ type: "call:status", msgid: "st0", data });
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  assertEquals((await server.rest("GET", "/calls")).calls.length, 1);
  assertEquals((await server.call("jambonz", "sid-1")).direction, "outbound");
});

Deno.test("jambonz does not end a call when its other leg ends", async () => {
  await using server = await TestServer.start();
  await using line = await jambonzCall(server);
  const leg = { call_sid: "leg-b", parent_call_sid: "sid-1", call_status: "completed" };
  line.send(said("call:status", "b", leg));
  await stillTalks(line);
  assertEquals((await server.call("jambonz", "sid-1")).endedAt, null);
});

for (
  const [what, frame] of [
    ["malformed JSON", "{"],
    ["an unknown type", '{"type":"session:old","msgid":"x"}'],
    ["a message without a msgid", '{"type":"verb:hook","data":{}}'],
    ["an array", "[]"],
    ["a binary frame", new Uint8Array(4)],
  ] as const
) {
  Deno.test(`jambonz goes on after ${what}`, async () => {
    await using server = await TestServer.start();
    await using line = await jambonzCall(server);
    line.send(frame);
    await stillTalks(line);
    const { state } = await server.log.some(({ msg }) => msg === "unexpected event");
    assertEquals(state, "talking");
  });
}

Deno.test("jambonz acks a session that nobody answers in time, and goes on later", async () => {
  const { promise, resolve } = Promise.withResolvers<Message[]>();
  const application = { answer: () => promise } as unknown as Application;
  await using server = await TestServer.start({
    application,
    settings: { JAMBONZ_SESSION_DEADLINE_MS: "20" },
  });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const waiting = await line.next({ type: "ack", msgid: "new" });
  assertEquals((waiting["data"] as Message[]).map(({ verb }) => verb), ["say"]);
  resolve([{ verb: "say", text: "At last" }]);
  assertEquals(await line.next({ type: "command" }), {
    type: "command",
    command: "redirect",
    queueCommand: false,
    data: [{ verb: "say", text: "At last" }],
  });
});

Deno.test("jambonz acks a hook that nobody answers in time with no verbs", async () => {
  const application: Application = {
    answer: ({ type }) => type === "verb:hook" ? new Promise(() => {}) : [{ verb: "pause" }],
  };
  await using server = await TestServer.start({
    application,
    settings: { JAMBONZ_HOOK_DEADLINE_MS: "20" },
  });
  await using line = await jambonzCall(server);
  line.send(said("verb:hook", "h1"));
  assertEquals(await line.next({ msgid: "h1" }), { type: "ack", msgid: "h1" });
});

for (
  const [what, answer] of [
    ["throws", () => {
      throw new Error("broken");
    }],
    ["rejects", () => Promise.reject(new Error("broken"))],
    ["answers with an unknown property", () => [{ verb: "say", text: "x", colour: "red" }]],
    ["answers with an unknown verb", () => [{ verb: "dance" }]],
    ["answers with no array", () => "say"],
    ["answers with more than a frame", () => [{ verb: "say", text: "x".repeat(25_000) }]],
  ] as [string, () => never][]
) {
  Deno.test(`jambonz ends politely the call of an application that ${what}`, async () => {
    await using server = await TestServer.start({ application: { answer } });
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(sessionNew());
    const sorry = await line.next({ type: "ack", msgid: "new" });
    assertEquals((sorry["data"] as Message[]).map(({ verb }) => verb), ["say", "hangup"]);
    await server.log.some(({ msg }) => msg === "application fault");
    await using other = await Client.open(server.ws("/jambonz"), JAMBONZ);
    other.send(sessionNew("sid-2"));
    await other.next({ type: "ack", msgid: "new" });
  });
}

async function stillTalks(line: Client): Promise<void> {
  line.send({ ...said("verb:hook", "hook", { digits: "5" }), hook: "/gathered" });
  const ack = await line.next({ type: "ack", msgid: "hook" });
  assertObjectMatch(ack, { data: [{ say: { text: "You pressed 5." } }] });
}

Deno.test("jambonz is sent verbs and commands newer than the specifications, with one warning each", async () => {
  const agent = { verb: "agent", llm: { vendor: "openai", model: "gpt-4o", llmOptions: {} } };
  const application: Application = {
    answer(question, call) {
      if (question.type !== "verb:hook") return [agent];
      call.command({ type: "command", command: "agent:update", data: { type: "generate_reply" } });
      call.command({ type: "command", command: "sing:loud" } as unknown as Command);
      return [agent, agent];
    },
  };
  await using server = await TestServer.start({ application });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  assertEquals(await line.next({ msgid: "new" }), { type: "ack", msgid: "new", data: [agent] });
  for (const msgid of ["h1", "h2"]) {
    line.send({ ...said("verb:hook", msgid, {}), hook: "/agent" });
    const command = await line.next({ type: "command" });
    assertEquals(command["command"], "agent:update");
    const ack = await line.next({ msgid });
    assertEquals(ack, { type: "ack", msgid, data: [agent, agent] });
  }
  const newer = server.log.all.filter(({ msg }) => msg.includes("newer"));
  assertEquals(newer.map(({ level, verb, command }) => [level, verb ?? command]), [
    ["warn", "agent"],
    ["warn", "agent:update"],
  ]);
  const faults = server.log.all.filter(({ msg }) => msg === "application fault");
  assertStringIncludes(String(faults[0]!["detail"]), "sing:loud");
});
