import { assert, assertEquals } from "@std/assert";
import { jambonzWire } from "../../../protocols/jambonz/messages.ts";
import {
  acked,
  BEGUN,
  CALL,
  connected,
  HELLO,
  message,
  SID,
  status,
  talking,
} from "../../support/jambonz.ts";
import { heard, saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

async function end({ script }: ReturnType<typeof connected>): Promise<void> {
  if (!script.over) await script.close(1006);
  assert(script.over);
}

Deno.test("jambonz() handles a call: asks once it is recorded, acks with verbs, closes at the end", async () => {
  const call = connected();
  const { script, told } = call;
  assertEquals(saidIn(await script.hear(message("session:new", "m1"))), []);
  assertEquals(told, [["begin", BEGUN]]);
  assertEquals(await script.notify({ kind: "recorded" }), []);
  const question = { type: "session:new", hook: undefined, data: CALL };
  assertEquals(told.at(-1), ["question", question, "m1"]);
  const ack = { type: "ack", msgid: "m1", data: HELLO } as const;
  assertEquals(saidIn(await call.answer("m1", HELLO)), [ack]);
  assertEquals(told.slice(2), [["greeted"], ["transcript", "assistant", "Hello"]]);
  assertEquals(script.timers, [], "its deadline is taken back");
  await script.hear(status("in-progress"));
  await script.hear(message("verb:hook", "m2", { ...CALL, digits: "12" }, { hook: "/pin" }));
  assertEquals(told.at(-1), [
    "question",
    { type: "verb:hook", hook: "/pin", data: { ...CALL, digits: "12" } },
    "m2",
  ]);
  assertEquals(saidIn(await call.answer("m2", [])), [{ type: "ack", msgid: "m2" }]);
  assertEquals(toldOf(told, "dtmf"), [["1", "caller"], ["2", "caller"]]);
  const completed = await script.hear(status("completed", { call_termination_by: "caller" }));
  assertEquals(saidIn(completed), []);
  assertEquals(toldOf(told, "ended"), [["caller", "completed"]]);
  assertEquals(await script.advance(4999), []);
  const last = await script.advance(1);
  assertEquals(last, [{ kind: "close", code: 1000, reason: "the call is over" }]);
  await end(call);
});

Deno.test("jambonz() never closes the socket while the call is in progress", async () => {
  const call = await talking();
  assertEquals(await call.script.advance(86_400_000), []);
  await end(call);
});

Deno.test("jambonz() handles a verb:hook after completed: recorded, passed on, acked empty, not asked", async () => {
  const call = await talking();
  await call.script.hear(status("completed"));
  call.told.length = 0;
  const hook = message("verb:hook", "m2", { ...CALL, digits: "5" }, { hook: "/done" });
  assertEquals(saidIn(await call.script.hear(hook)), [{ type: "ack", msgid: "m2" }]);
  assertEquals(call.told, [
    ["dtmf", "5", "caller"],
    ["tell", { type: "verb:hook", hook: "/done", data: { ...CALL, digits: "5" } }],
  ]);
  await call.script.advance(5000);
  assertEquals(acked(call), ["m1", "m2"]);
  await end(call);
});

Deno.test("jambonz() acks a redirect after completed without asking: it would restart the call", async () => {
  for (const type of ["session:redirect", "session:adulting", "session:new"]) {
    const call = await talking();
    await call.script.hear(status("completed"));
    const before = toldOf(call.told, "question").length;
    const late = await call.script.hear(message(type, "m9"));
    assertEquals(saidIn(late), [{ type: "ack", msgid: "m9" }]);
    assertEquals(toldOf(call.told, "question").length, before);
    await end(call);
  }
});

Deno.test("jambonz() acks everything pending when the call ends, and drops late answers", async () => {
  const call = await talking();
  await call.script.hear(message("verb:hook", "m2"));
  await call.script.hear(message("verb:hook", "m3"));
  const commands = await call.script.hear(status("completed"));
  assertEquals(saidIn(commands), [{ type: "ack", msgid: "m2" }, { type: "ack", msgid: "m3" }]);
  assertEquals(call.script.timers, ["linger"]);
  assertEquals(await call.answer("m2", HELLO), []);
  await end(call);
});

Deno.test("jambonz() accepts a call:status before the session:new of an outbound call", async () => {
  const call = connected();
  const { script, told } = call;
  const data = { ...CALL, direction: "outbound", call_status: "trying", sip_status: 100 };
  await script.hear({ type: "call:status", msgid: "s1", data });
  assertEquals(told, [
    ["resume", SID],
    ["begin", { ...BEGUN, direction: "outbound" }],
    ["lineEvent", "call:status", { call_status: "trying", sip_status: 100 }],
    ["tell", { type: "call:status", hook: undefined, data }],
  ]);
  await script.notify({ kind: "recorded" });
  await script.hear({
    type: "call:status",
    msgid: "s2",
    data: { ...data, call_status: "ringing" },
  });
  await script.hear(message("session:new", "m1"));
  await call.answer("m1", HELLO);
  assertEquals(toldOf(told, "begin").length, 1, "one call, one record");
  assertEquals(toldOf(told, "question").length, 1);
  assertEquals(acked(call), ["m1"]);
  await end(call);
});

Deno.test("jambonz() ends a call that was announced and never answered", async () => {
  for (const reason of ["no-answer", "busy", "failed"]) {
    const call = connected();
    await call.script.hear(status("trying"));
    await call.script.hear(status(reason));
    assertEquals(toldOf(call.told, "ended"), [["callee", reason]]);
    await call.script.advance(5000);
    await end(call);
  }
});

Deno.test("jambonz() counts a status without a call", async () => {
  const call = connected();
  await call.script.hear({ type: "call:status", msgid: "s1", data: { call_status: "completed" } });
  assertEquals(call.told, [["unexpected", "call:status of no call", "connected"]]);
  await end(call);
});

Deno.test("jambonz() names who ended the call", async () => {
  const cases = [
    [{ call_termination_by: "caller" }, "completed", "caller"],
    [{ call_termination_by: "callee" }, "completed", "callee"],
    [{ call_termination_by: "application" }, "completed", "us"],
    [{}, "completed", "us"],
    [{ call_termination_by: null }, "busy", "callee"],
    [{ call_termination_by: "caller" }, "no-answer", "caller"],
  ] as const;
  for (const [more, reason, by] of cases) {
    const call = await talking();
    await call.script.hear(status(reason, more));
    assertEquals(toldOf(call.told, "ended"), [[by, reason]]);
    await end(call);
  }
});

Deno.test("jambonz() ends a call once, however often it is completed", async () => {
  const call = await talking();
  await call.script.hear(status("completed"));
  await call.script.hear(status("completed"));
  await call.script.close(1000);
  assertEquals(toldOf(call.told, "ended").length, 1);
  await end(call);
});

Deno.test("jambonz() ends a call whose socket jambonz closes with 1000", async () => {
  const call = await talking();
  await call.script.close(1000);
  assertEquals(call.told, [["ended", "caller", "socket closed with 1000"]]);
  await end(call);
});

Deno.test("jambonz() expects a call to come back after any other close code", async () => {
  for (const code of [1001, 1006, 1011, 1012, 1013]) {
    const call = await talking();
    await call.script.close(code);
    assertEquals(call.told, [["lost", code]]);
    await end(call);
  }
});

Deno.test("jambonz() records nothing for a socket that announced no call", async () => {
  for (const code of [1000, 1006]) {
    const call = connected();
    await call.script.close(code);
    assertEquals(call.told, []);
    await end(call);
  }
});

Deno.test("jambonz() records the legs that it dialled, and does not end with them", async () => {
  const call = await talking();
  const leg = { ...CALL, call_sid: "sid-b", parent_call_sid: SID, direction: "outbound" };
  for (const call_status of ["trying", "in-progress", "completed", "busy"]) {
    const data = { ...leg, call_status };
    assertEquals(await call.script.hear(message("call:status", "s", data)), []);
  }
  assertEquals(toldOf(call.told, "lineEvent"), [
    ["leg", { call_sid: "sid-b", call_status: "trying" }],
    ["leg", { call_sid: "sid-b", call_status: "in-progress" }],
    ["leg", { call_sid: "sid-b", call_status: "completed" }],
    ["leg", { call_sid: "sid-b", call_status: "busy" }],
  ]);
  assertEquals(toldOf(call.told, "tell").length, 4);
  assertEquals([...toldOf(call.told, "ended"), ...toldOf(call.told, "answered")], []);
  await end(call);
});

Deno.test("jambonz() does not take a leg's status for its own call's, even as a first message", async () => {
  const call = connected();
  const data = { call_sid: "sid-b", parent_call_sid: SID, call_status: "trying" };
  await call.script.hear(message("call:status", "s1", data));
  assertEquals(toldOf(call.told, "begin"), []);
  await call.script.hear(message("session:new", "m1"));
  assertEquals(toldOf(call.told, "begin"), [[BEGUN]]);
  await end(call);
});

Deno.test("jambonz() takes a status without a parent for the call's own, whatever its call_sid", async () => {
  const call = await talking();
  const data = { call_sid: "sid-renamed", call_status: "completed", parent_call_sid: null };
  await call.script.hear(message("call:status", "s1", data));
  assertEquals(toldOf(call.told, "ended"), [["us", "completed"]]);
  await end(call);
});

Deno.test("jambonz() sends nothing after its close", async () => {
  const call = await talking();
  await call.script.hear(status("completed"));
  await call.script.tell(
    { kind: "timeout", timer: "linger" },
    heard(jambonzWire, message("verb:hook", "m2")),
    heard(jambonzWire, message("session:new", "m3")),
  );
  assertEquals(acked(call), ["m1"]);
  assertEquals(call.script.commands.at(-1)?.kind, "close");
  await end(call);
});

Deno.test("jambonz() counts a call as answered at in-progress, and records the statuses before", async () => {
  const call = await talking();
  for (const each of ["trying", "ringing", "early-media"]) await call.script.hear(status(each));
  assertEquals(toldOf(call.told, "answered"), []);
  assertEquals(toldOf(call.told, "lineEvent").length, 3);
  await call.script.hear(status("in-progress"));
  assertEquals(toldOf(call.told, "answered"), [[]]);
  await end(call);
});

Deno.test("jambonz() acks a second session:new with no verbs and counts it", async () => {
  const call = await talking();
  const again = await call.script.hear(message("session:new", "m2"));
  assertEquals(saidIn(again), [{ type: "ack", msgid: "m2" }]);
  assertEquals(call.told, [["unexpected", "session:new", "talking"]]);
  await end(call);
});

Deno.test("jambonz() acks a hook of an unannounced call", async () => {
  for (const type of ["verb:hook", "dial:confirm"]) {
    const call = connected();
    assertEquals(saidIn(await call.script.hear(message(type, "m1"))), [
      { type: "ack", msgid: "m1" },
    ]);
    assertEquals(call.told[0], ["unexpected", type, "connected"]);
    await end(call);
  }
});

Deno.test("jambonz() counts malformed frames and audio, and continues", async () => {
  const call = await talking();
  for (const text of ["nonsense", "[]", '{"type":"sing"}', '{"type":"verb:hook"}']) {
    assertEquals(await call.script.hearText(text), []);
  }
  assertEquals(await call.script.play(new Uint8Array(2)), []);
  assertEquals(await call.script.tell({ kind: "timeout", timer: "unknown" }), []);
  const what = ["not json", "bad shape", "unknown sing", "bad shape", "audio", "timeout:unknown"];
  const odd = call.told.filter(([name]) => name === "unexpected");
  assertEquals(
    odd.map(([, each, state]) => [each, state]),
    what.map((each) => [each, "talking"]),
  );
  await end(call);
});
