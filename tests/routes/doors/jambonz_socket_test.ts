import { assertEquals, assertObjectMatch, assertStringIncludes } from "@std/assert";
import { AppFile, Gate, serverWith } from "../../support/apps.ts";
import { Client, type Message } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { gathered, JAMBONZ, jambonzCall, said, sessionNew } from "../../support/lines.ts";
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
  Deno.test(`jambonz is echoed its subprotocol out of "${offered}"`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    const answer = await raw.handshake("/jambonz", { "sec-websocket-protocol": offered });
    assertEquals(answer.status, 101);
    assertEquals(answer.headers.get("sec-websocket-protocol"), "ws.jambonz.org");
    await raw.send(sessionNew());
    assertEquals((await raw.next())["msgid"], "new");
  });
}

Deno.test("jambonz settings are returned to any OPTIONS request", async () => {
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
  Deno.test(`jambonz accepts a child leg on ${path}`, async () => {
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

Deno.test("jambonz is served at the configured path", async () => {
  await using server = await TestServer.start({ settings: { JAMBONZ_PATH: "/apps/voice" } });
  await using line = await Client.open(server.ws("/apps/voice"), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  await using _child = await Client.open(server.ws("/apps/voice//adulting"), JAMBONZ);
});

Deno.test("jambonz completes a whole call, and is closed with 1000 only at its end", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const greeting = await line.next({ msgid: "new" });
  assertObjectMatch(greeting, { type: "ack", data: [{ verb: "gather" }] });
  line.send(said("call:status", "st1", { call_status: "in-progress" }));
  line.send(said("verb:status", "vs1", { event: "starting", name: "gather" }));
  const speech = { is_final: true, alternatives: [{ confidence: 0.9, transcript: "good day" }] };
  line.send(gathered(line, "h1", { speech, reason: "speechDetected" }));
  const reply = await line.next({ type: "ack", msgid: "h1" });
  assertObjectMatch(reply, { data: [{ verb: "gather", say: { text: "You said: good day." } }] });
  line.send(gathered(line, "h2", { digits: "9" }));
  const goodbye = await line.next({ type: "ack", msgid: "h2" });
  assertEquals((goodbye["data"] as Message[]).map(({ verb }) => verb), ["say", "hangup"]);
  line.send(said("call:status", "st2", { call_status: "completed", duration: 3 }));
  line.send(gathered(line, "late", {}));
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

Deno.test("jambonz may announce a call before its session:new", async () => {
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
  await stillAnswers(line);
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
  Deno.test(`jambonz continues after ${what}`, async () => {
    await using server = await TestServer.start();
    await using line = await jambonzCall(server);
    line.send(frame);
    await stillAnswers(line);
    const { state } = await server.log.some(({ msg }) => msg === "unexpected event");
    assertEquals(state, "talking");
  });
}

Deno.test("jambonz gets an ack in time for a session without an answer, and verbs later", async () => {
  using gate = new Gate();
  using end = new Gate();
  using app = new AppFile(`${gate.wait} call.say("At last"); ${end.wait}`);
  await using server = await serverWith(app.path, {
    settings: { JAMBONZ_SESSION_DEADLINE_MS: "20" },
  });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const waiting = await line.next({ type: "ack", msgid: "new" });
  assertEquals((waiting["data"] as Message[]).map(({ verb }) => verb), ["say"]);
  gate.open();
  assertEquals(await line.next({ type: "command" }), {
    type: "command",
    command: "redirect",
    queueCommand: false,
    data: [{ verb: "say", text: "At last" }],
  });
});

Deno.test("jambonz gets an empty ack for a hook without an answer in time", async () => {
  using gate = new Gate();
  using app = new AppFile(`await call.gather(); ${gate.wait}`);
  await using server = await serverWith(app.path, {
    settings: { JAMBONZ_HOOK_DEADLINE_MS: "20" },
  });
  await using line = await jambonzCall(server);
  line.send(gathered(line, "h1", { digits: "1" }));
  assertEquals(await line.next({ msgid: "h1" }), { type: "ack", msgid: "h1" });
});

for (
  const [what, log, does] of [
    ["throws", "app failed", `throw new Error("broken");`],
    ["rejects", "app failed", `await Promise.reject(new Error("broken"));`],
    ["says something that is not text", "application fault", `call.say({ colour: "red" });`],
    ["says more than a frame", "application fault", `call.say("x".repeat(25_000));`],
  ] as const
) {
  Deno.test(`jambonz gets a polite end for the call of an app that ${what}`, async () => {
    using app = new AppFile(does);
    await using server = await serverWith(app.path);
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(sessionNew());
    const sorry = await line.next({ type: "ack", msgid: "new" });
    assertEquals((sorry["data"] as Message[]).map(({ verb }) => verb), ["say", "hangup"]);
    await server.log.some(({ msg }) => msg === log);
    await using other = await Client.open(server.ws("/jambonz"), JAMBONZ);
    other.send(sessionNew("sid-2"));
    await other.next({ type: "ack", msgid: "new" });
  });
}

async function stillAnswers(line: Client): Promise<void> {
  line.send(gathered(line, "hook", { digits: "5" }));
  const ack = await line.next({ type: "ack", msgid: "hook" });
  assertObjectMatch(ack, { data: [{ say: { text: "You pressed 5." } }] });
}

Deno.test("jambonz gets verbs newer than the specifications, with one warning each", async () => {
  const agent = { verb: "agent", llm: { vendor: "openai", model: "gpt-4o", llmOptions: {} } };
  await using server = await TestServer.start();
  await using line = await jambonzCall(server);
  const { id } = await server.call("jambonz", "sid-1");
  for (const verbs of [[agent], [agent, agent]]) {
    await server.rest("POST", `/calls/${id}/actions`, { action: "redirect", verbs });
    assertEquals((await line.next({ command: "redirect", queueCommand: false }))["data"], verbs);
  }
  const newer = server.log.all.filter(({ msg }) => msg.includes("newer"));
  assertEquals(newer.map(({ level, verb }) => [level, verb]), [["warn", "agent"]]);
});
