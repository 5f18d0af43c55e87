import { assertEquals, assertStringIncludes } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { Client } from "../../support/client.ts";
import { refused, RestServer, wrongFields } from "../../support/rest.ts";

const ACCEPTED = 202;

Deno.test("POST /actions hangup ends the call on its line", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const { status, body } = await rest.ask("POST", `${live.path}/actions`, { action: "hangup" });
  assertEquals(status, ACCEPTED);
  assertEquals(body, { accepted: true, call_id: live.call.id, action: "hangup" });
  await live.line.next({ event: "hangup" });
  await live.line.whenClosed();
  await rest.server.services.calls.settled();
  const types = (await live.record()).map(([type]) => type);
  assertEquals(types, ["started", "answered", "end_requested", "ended", "cdr"]);
});

Deno.test("POST /actions hangup is recorded as the operator's end on either line, and as the callee's in the CDR", async () => {
  await using rest = await RestServer.start();
  await using inbound = await rest.inboundCall();
  await rest.ask("POST", `${inbound.path}/actions`, { action: "hangup" });
  await inbound.line.whenClosed();
  await using jambonz = await rest.jambonzCall();
  await rest.ask("POST", `${jambonz.path}/actions`, { action: "hangup" });
  await jambonz.line.next({ type: "command", command: "redirect" });
  const { platformId: call_sid } = jambonz.call;
  const data = { call_sid, call_status: "completed" };
  jambonz.line.send({ type: "call:status", msgid: "st", call_sid, data });
  await jambonz.line.whenClosed();
  await rest.server.services.calls.settled();
  for (const { path } of [inbound, jambonz]) {
    const { body } = await rest.ask("GET", path);
    assertEquals([body.endedBy, body.cdr.hangupBy], ["operator", "CALLEE"]);
  }
});

Deno.test("POST /actions interrupt drops queued audio", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const { status } = await rest.ask("POST", `${live.path}/actions`, { action: "interrupt" });
  assertEquals(status, ACCEPTED);
  await live.line.next({ event: "interrupt" });
  assertEquals((await live.record()).at(-1), ["interrupted", {}]);
});

Deno.test("POST /actions send_digits sends each tone, and the record says who asked", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const action = { action: "send_digits", digits: "4#", duration_ms: 20 };
  const { status, headers } = await rest.ask("POST", `${live.path}/actions`, action);
  assertEquals(status, ACCEPTED);
  await live.line.next({ event: "dtmf", digit: "4", duration: 20 });
  await live.line.next({ event: "dtmf", digit: "#", duration: 20 });
  await rest.server.services.calls.settled();
  const messageId = headers.get("x-request-id");
  assertEquals((await live.record()).slice(2), [
    ["note", { text: "send_digits", messageId, digits: "4#", duration_ms: 20 }],
    ["dtmf", { digit: "4", from: "us" }],
    ["dtmf", { digit: "#", from: "us" }],
  ]);
});

Deno.test("POST /actions redirect gives a jambonz call new verbs, and records their text", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.jambonzCall();
  const verbs = [{ verb: "say", text: "Goodbye" }, { verb: "hangup" }];
  const { status } = await rest.ask("POST", `${live.path}/actions`, { action: "redirect", verbs });
  assertEquals(status, ACCEPTED);
  const command = await live.line.next({ type: "command", command: "redirect" });
  assertEquals(command, { type: "command", command: "redirect", queueCommand: false, data: verbs });
  await rest.server.services.calls.settled();
  const [asked, said] = (await live.record()).slice(-2);
  assertEquals(asked?.[0], "note");
  assertEquals(said, ["transcript", { msg: "Goodbye", role: "assistant" }]);
});

Deno.test("POST /actions redirect accepts verbs newer than the specifications, with a warning", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.jambonzCall();
  const verbs = [{ verb: "room", name: "sales", stream: { url: "wss://x.example/listen" } }];
  const { status } = await rest.ask("POST", `${live.path}/actions`, { action: "redirect", verbs });
  assertEquals(status, ACCEPTED);
  const command = await live.line.next({ type: "command", command: "redirect" });
  assertEquals(command, { type: "command", command: "redirect", queueCommand: false, data: verbs });
  const warned = rest.logged.filter(({ verb }) => verb === "room");
  assertEquals(warned.map(({ msg }) => msg), ["verb newer than the verb specifications"]);
});

Deno.test("POST /actions redirect is refused for invalid verbs, and on a line without verbs", async () => {
  await using rest = await RestServer.start();
  await using jambonz = await rest.jambonzCall();
  const path = `${jambonz.path}/actions`;
  const unknown = { action: "redirect", verbs: [{ verb: "say", text: "x", colour: "red" }] };
  const answer = await rest.ask("POST", path, unknown);
  assertEquals(wrongFields(answer), ["verbs"]);
  assertStringIncludes(answer.body.detail, "colour");
  const long = { action: "redirect", verbs: [{ verb: "say", text: "x".repeat(25_000) }] };
  assertEquals(wrongFields(await rest.ask("POST", path, long)), ["verbs"]);
  assertEquals(wrongFields(await rest.ask("POST", path, { action: "redirect", verbs: [] })), [
    "verbs",
  ]);
  await using inbound = await rest.inboundCall();
  const verbs = [{ verb: "hangup" }];
  const refusal = await rest.ask("POST", `${inbound.path}/actions`, { action: "redirect", verbs });
  refused(refusal, 409, "takes no verbs");
  assertEquals((await inbound.record()).map(([type]) => type), ["started", "answered"]);
});

Deno.test("POST /actions note is recorded on either line", async () => {
  await using rest = await RestServer.start();
  await using inbound = await rest.inboundCall();
  await using jambonz = await rest.jambonzCall();
  for (const live of [inbound, jambonz]) {
    const note = { action: "note", text: "is angry" };
    const { status, headers } = await rest.ask("POST", `${live.path}/actions`, note);
    assertEquals(status, ACCEPTED);
    const messageId = headers.get("x-request-id");
    assertEquals((await live.record()).at(-1), ["note", { text: "is angry", messageId }]);
  }
});

Deno.test("POST /actions: hangup, interrupt and digits reach a jambonz call as commands", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.jambonzCall();
  const path = `${live.path}/actions`;
  await rest.ask("POST", path, { action: "send_digits", digits: "7" });
  const dtmf = await live.line.next({ command: "dtmf" });
  assertEquals(dtmf["data"], { dtmf: { digit: "7", duration: 200 } });
  await rest.ask("POST", path, { action: "interrupt" });
  assertEquals((await live.line.next({ command: "redirect" }))["data"], [{ verb: "config" }]);
  await rest.ask("POST", path, { action: "hangup" });
  // jambonz has not said whether the call is answered: it skips the one that does not fit.
  assertEquals((await live.line.next({ command: "redirect" }))["data"], [
    { verb: "hangup" },
    { verb: "sip:decline", status: 603, reason: "Decline" },
  ]);
});

Deno.test("POST /actions names the fault, and refuses calls that are over or unknown", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const path = `${live.path}/actions`;
  assertEquals(wrongFields(await rest.ask("POST", path, { action: "fly" })), ["action"]);
  assertEquals(wrongFields(await rest.ask("POST", path, { action: "note", text: " " })), ["text"]);
  const digits = { action: "send_digits", digits: "1a", duration_ms: 1001 };
  assertEquals(wrongFields(await rest.ask("POST", path, digits)), ["digits", "duration_ms"]);
  refused(await rest.ask("POST", path, "{"), 400);
  refused(await rest.ask("POST", path, "{}", { "content-type": "text/plain" }), 415);
  refused(await rest.ask("POST", path, { action: "note", text: "x".repeat(300_000) }), 413);
  refused(await rest.ask("POST", "/calls/nobody/actions", { action: "hangup" }), 404, "nobody");
  await live.end();
  refused(await rest.ask("POST", path, { action: "hangup" }), 409, "it is over");
  refused(await rest.ask("POST", path, { action: "note", text: "late" }), 409, "it is over");
});

Deno.test("POST /actions send_digits waits for an inbound call's answer", async () => {
  await using rest = await RestServer.start({ INBOUND_ANSWER_AFTER_MS: "never" });
  await using line = await Client.open(rest.url("/", "ws"));
  const { calls, tail } = rest.server.services;
  const begun = Promise.withResolvers<string>();
  using _listening = tail.listen((events) => {
    const started = events.find(({ type }) => type === "started");
    if (started !== undefined) begun.resolve(started.callId!);
  });
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  const id = await within(begun.promise, () => "no call begins");
  assertEquals((await calls.find(id))?.state, "ringing");
  const action = { action: "send_digits", digits: "1" };
  refused(await rest.ask("POST", `/calls/${id}/actions`, action), 409, "not been answered");
});
