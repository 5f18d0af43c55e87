import { assertEquals } from "@std/assert";
import { asked } from "../../../calls/line.ts";
import {
  acked,
  BEGUN,
  CALL,
  connected,
  HELLO,
  message,
  redirect,
  SID,
  status,
} from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

const GREETED = { [SID]: { greeted: true, answered: true, streaming: false } };
const UNGREETED = { [SID]: { greeted: false, answered: false, streaming: false } };
const CACHED = { ...CALL, application_sid: "app", defaults: {} };

/** The forms in which the call is named: the cached session:new, the document's, and less. */
const FORMS = [
  { type: "session:reconnect", msgid: "r1", call_sid: SID, data: CACHED },
  { type: "session:reconnect", msgid: "r1", call_sid: SID },
  { type: "session:reconnect", msgid: "r1", data: { call_sid: SID } },
  { type: "session:reconnect", msgid: "r1", data: SID },
];

Deno.test("a reconnected call gets an empty ack, without a second greeting, in every form", async () => {
  for (const form of FORMS) {
    const { script, told } = connected(GREETED);
    assertEquals(saidIn(await script.hear(form)), [{ type: "ack", msgid: "r1" }]);
    assertEquals(told, [["resume", SID], ["takeAsks"], ["goOn"]], "nothing is begun");
    assertEquals(await script.advance(60_000), []);
    await script.close(1006);
  }
});

Deno.test("a reconnected call continues where it was: hooks are asked at once", async () => {
  const call = connected(GREETED);
  await call.script.hear(FORMS[0]);
  await call.script.hear(message("verb:hook", "m2", CALL, { hook: "/next" }));
  assertEquals(toldOf(call.told, "question").length, 1);
  assertEquals(saidIn(await call.answer("m2", HELLO)), [{ type: "ack", msgid: "m2", data: HELLO }]);
  await call.script.hear(status("completed"));
  assertEquals(toldOf(call.told, "ended"), [["us", "completed"]]);
  await call.script.advance(5000);
  assertEquals(acked(call), ["r1", "m2"]);
});

Deno.test("a reconnected call that was streaming speech continues streaming", async () => {
  for (const streaming of [true, false]) {
    const { script } = connected({ [SID]: { greeted: true, answered: true, streaming } });
    await script.hear(FORMS[0]);
    const said = saidIn(await script.notify({ kind: "tokens", text: "Hello" }));
    assertEquals(said.length, streaming ? 1 : 0);
    await script.close(1006);
  }
});

Deno.test("a greeted, reconnected call gets both kinds of end if its answer is unknown", async () => {
  // Its first verbs went out, and may have answered it: jambonz would skip a sip:decline alone.
  const END = [{ verb: "hangup" }, { verb: "sip:decline", status: 603, reason: "Decline" }];
  for (const first of ["session:reconnect", "session:redirect", "call:status"]) {
    const { script } = connected({ [SID]: { greeted: true, answered: false, streaming: false } });
    if (first === "call:status") await script.hear(status("early-media"));
    else await script.hear(message(first, "m1", CALL));
    const said = saidIn(await script.notify(asked({ kind: "end" })));
    assertEquals(said, [redirect(END)], first);
    // Also after running verbs: they may answer no call.
    const command = { ...redirect([{ verb: "hangup" }]), queueCommand: true };
    const queued = saidIn(await script.notify({ kind: "command", command }));
    assertEquals(queued, [{ ...redirect(END), queueCommand: true }], first);
    await script.hear(status("in-progress"));
    assertEquals(saidIn(await script.notify({ kind: "command", command })), [command], first);
    await script.close(1006);
  }
});

Deno.test("an outbound call gets only a hangup after a reconnect: it was answered", async () => {
  const call = connected();
  const data = { ...CALL, direction: "outbound" };
  await call.script.hear(message("session:reconnect", "r1", data));
  const resumed = { greeted: true, answered: false, streaming: false };
  await call.script.notify({ kind: "recorded", resumed });
  const said = saidIn(await call.script.notify(asked({ kind: "end" })));
  assertEquals(said, [redirect([{ verb: "hangup" }])]);
  await call.script.close(1006);
});

Deno.test("a call that is answered before its decline ends with the party who hangs up", async () => {
  const call = connected({ [SID]: { greeted: true, answered: false, streaming: false } });
  await call.script.hear(FORMS[0]);
  await call.script.notify(asked({ kind: "redirect", verbs: [{ verb: "hangup" }] }));
  await call.script.hear(status("in-progress"));
  await call.script.hear(status("completed", { call_termination_by: "caller" }));
  assertEquals(toldOf(call.told, "ended"), [["caller", "completed"]]);
  await call.script.close(1006);
});

Deno.test("an ungreeted, unanswered call is declined after a reconnect", async () => {
  const call = connected(UNGREETED);
  await call.script.hear(FORMS[0]);
  const said = saidIn(await call.answer("r1", [{ verb: "hangup" }]));
  assertEquals(said, [{
    type: "ack",
    msgid: "r1",
    data: [{ verb: "sip:decline", status: 603, reason: "Decline" }],
  }]);
  await call.script.close(1006);
});

Deno.test("verbs go into the ack of the reconnect if the first ack was never sent", async () => {
  const call = connected(UNGREETED);
  assertEquals(saidIn(await call.script.hear(FORMS[0])), []);
  const question = { type: "session:new", hook: undefined, data: CACHED };
  assertEquals(call.told, [["resume", SID], ["question", question, "r1"]]);
  assertEquals(saidIn(await call.answer("r1", HELLO)), [{ type: "ack", msgid: "r1", data: HELLO }]);
  assertEquals(toldOf(call.told, "greeted").length, 1);
  assertEquals(toldOf(call.told, "goOn"), [], "the application goes on with its verbs");
  await call.script.close(1006);
});

Deno.test("a call reconnected without a first ack has the same deadline as a new one", async () => {
  const { script } = connected(UNGREETED);
  await script.hear(FORMS[0]);
  assertEquals(saidIn(await script.advance(3999)), []);
  assertEquals(saidIn(await script.advance(1)).length, 1);
  await script.close(1006);
});

Deno.test("an unknown call starts a new record when it reconnects", async () => {
  const call = connected();
  await call.script.hear(FORMS[0]);
  assertEquals(call.told, [["resume", SID], ["begin", BEGUN]]);
  await call.script.notify({ kind: "recorded" });
  assertEquals(toldOf(call.told, "question").length, 1);
  assertEquals(saidIn(await call.answer("r1", HELLO)), [{ type: "ack", msgid: "r1", data: HELLO }]);
  await call.script.close(1006);
});

Deno.test("a reconnect during a session is acked empty and counted", async () => {
  const { script, told } = connected(GREETED);
  await script.hear(FORMS[0]);
  const again = await script.hear({ ...FORMS[0], msgid: "r2" });
  assertEquals(saidIn(again), [{ type: "ack", msgid: "r2" }]);
  assertEquals(toldOf(told, "unexpected"), [["session:reconnect", "talking"]]);
  await script.close(1006);
});

Deno.test("a reconnect after a first status is accepted too", async () => {
  const { script, told } = connected(GREETED);
  await script.hear(status("in-progress"));
  assertEquals(saidIn(await script.hear(FORMS[0])), [{ type: "ack", msgid: "r1" }]);
  assertEquals(toldOf(told, "resume").at(-1), [SID]);
  await script.close(1006);
});

Deno.test("a redirect as the first message continues a known call, or starts a new one", async () => {
  for (const [known, begun] of [[GREETED, 0], [{}, 1]] as const) {
    const call = connected(known);
    await call.script.hear(message("session:redirect", "m1", CALL, { hook: "/next" }));
    assertEquals(toldOf(call.told, "begin").length, begun);
    await call.script.notify({ kind: "recorded" });
    const question = { type: "session:redirect", hook: "/next", data: CALL };
    assertEquals(toldOf(call.told, "question"), [[question, "m1"]]);
    await call.answer("m1", HELLO);
    assertEquals(acked(call), ["m1"]);
    await call.script.close(1006);
  }
});

Deno.test("a child leg starts its own call, which knows its parent, and ends without it", async () => {
  const call = connected(GREETED);
  const data = {
    call_sid: "sid-child",
    from: "+15083084809",
    to: "+15551230000",
    direction: "outbound",
    parent_call_sid: SID,
    parent_call_info: CALL,
  };
  await call.script.hear({ type: "session:adulting", msgid: "m1", data });
  assertEquals(toldOf(call.told, "begin"), [[{
    line: "jambonz",
    platformId: "sid-child",
    direction: "outbound",
    from: "+15083084809",
    to: "+15551230000",
    parentCallId: `id of ${SID}`,
  }]]);
  await call.script.notify({ kind: "recorded" });
  await call.answer("m1", HELLO);
  const completed = { ...data, call_status: "completed" };
  await call.script.hear({
    type: "call:status",
    msgid: "s1",
    call_sid: "sid-child",
    data: completed,
  });
  assertEquals(toldOf(call.told, "ended"), [["us", "completed"]]);
  await call.script.close(1006);
});

Deno.test("a child leg finds its parent only by parent_call_info, or has none", async () => {
  const parents = [[{ call_sid: SID }, `id of ${SID}`], [{ call_sid: "?" }, undefined], [
    {},
    undefined,
  ]];
  for (const [parent_call_info, id] of parents) {
    const { script, told } = connected(GREETED);
    const data = { call_sid: "sid-child", parent_call_info };
    await script.hear({ type: "session:adulting", msgid: "m1", data });
    const [[begun]] = toldOf(told, "begin") as [[{ parentCallId?: string }]];
    assertEquals(begun.parentCallId, id as string | undefined);
    await script.close(1006);
  }
});
