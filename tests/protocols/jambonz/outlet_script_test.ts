/** The order and form of verbs and commands: after the first ack, in a form that jambonz accepts, in frames that fit. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Ask, asked } from "../../../calls/line.ts";
import type { Command, Verb } from "../../../protocols/jambonz/commands.ts";
import { FRAME_BYTES } from "../../../protocols/jambonz/verbs.ts";
import { utf8Bytes } from "../../../session/encode.ts";
import {
  CALL,
  connected,
  HELLO,
  message,
  redirect,
  SID,
  SORRY,
  status,
  talking,
  WAITING,
} from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

const HANGUP: Verb = { verb: "hangup" };
const DECLINE: Verb = { verb: "sip:decline", status: 603, reason: "Decline" };
const MUTE: Command = { type: "command", command: "mute:status", data: { mute_status: "mute" } };
const ANSWER: Verb[] = [{ verb: "answer" }];
const PAUSE: Verb[] = [{ verb: "pause", length: 60 }];

/** A call whose session:new, `m1`, has been acked with these verbs, and that is not answered. */
async function ringing(verbs: readonly Verb[]) {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "recorded" });
  await call.answer("m1", verbs);
  call.told.length = 0;
  return {
    ...call,
    ask: async (ask: Ask) => saidIn(await call.script.notify(asked(ask))),
    command: async (command: Command) =>
      saidIn(await call.script.notify({ kind: "command", command })),
  };
}

function sizes(said: readonly object[]): number[] {
  return said.map((message) => utf8Bytes(JSON.stringify(message)));
}

Deno.test("commands wait for the ack of session:new, and follow it in order", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "recorded" });
  for (const command of [MUTE, redirect(HELLO)]) {
    assertEquals(saidIn(await call.script.notify({ kind: "command", command })), []);
  }
  await call.script.notify(asked({ kind: "interrupt" }));
  assertEquals(saidIn(await call.answer("m1", HELLO)), [
    { type: "ack", msgid: "m1", data: HELLO },
    MUTE,
    redirect(HELLO),
    redirect([{ verb: "config" }]),
  ]);
  assertEquals(saidIn(await call.script.notify({ kind: "command", command: MUTE })), [MUTE]);
  await call.script.close(1006);
});

Deno.test("commands also wait for an ack that is sent without the application", async () => {
  const call = connected();
  await call.script.hear(status("trying"));
  await call.script.notify({ kind: "recorded" });
  assertEquals(saidIn(await call.script.notify({ kind: "command", command: MUTE })), []);
  await call.script.hear(message("session:new", "m1"));
  const said = saidIn(await call.script.advance(4000));
  assertEquals(said, [{ type: "ack", msgid: "m1", data: WAITING }, MUTE]);
  await call.script.close(1006);
});

Deno.test("commands go out at once on a new socket of a greeted call", async () => {
  const { script } = connected({ [SID]: { greeted: true, answered: true, streaming: false } });
  await script.hear(message("session:reconnect", "r1"));
  assertEquals(saidIn(await script.notify({ kind: "command", command: MUTE })), [MUTE]);
  await script.close(1006);
});

Deno.test("commands that are queued when the call ends are dropped", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "command", command: MUTE });
  const said = saidIn(await call.script.hear(status("no-answer")));
  assertEquals(said, [{ type: "ack", msgid: "m1" }]);
  await call.script.close(1006);
});

Deno.test("an unanswered call is declined, however it ends", async () => {
  for (
    const end of [
      ({ ask }) => ask({ kind: "end" }),
      ({ ask }) => ask({ kind: "redirect", verbs: [HANGUP] }),
      ({ command }) => command(redirect([HANGUP])),
      ({ command }) =>
        command({ type: "command", command: "call:status", data: { call_status: "completed" } }),
    ] satisfies ((call: Awaited<ReturnType<typeof ringing>>) => Promise<unknown>)[]
  ) {
    const call = await ringing(PAUSE);
    assertEquals(await end(call), [redirect([DECLINE])]);
    await call.script.hear(status("failed", { sip_status: 603 }));
    const [[by]] = toldOf(call.told, "ended") as [[string]];
    assert(["us", "watcher"].includes(by), by);
    await call.script.close(1006);
  }
});

Deno.test("a first ack that hangs up declines", async () => {
  const call = await ringing([HANGUP]);
  assertEquals(call.script.said, [{ type: "ack", msgid: "m1", data: [DECLINE] }]);
  await call.script.close(1006);
});

Deno.test("a decline carries the headers of its hangup", async () => {
  const headers = { "X-Reason": "closed" };
  const call = await ringing([{ ...HANGUP, headers }]);
  assertEquals(call.script.said, [{ type: "ack", msgid: "m1", data: [{ ...DECLINE, headers }] }]);
  await call.script.close(1006);
});

Deno.test("verbs that answer the call come before a hangup, which stays a hangup", async () => {
  const call = await ringing([...HELLO, HANGUP]);
  assertEquals(call.script.said, [{ type: "ack", msgid: "m1", data: [...HELLO, HANGUP] }]);
  await call.script.close(1006);
  const sorry = await ringing(PAUSE);
  assertEquals(await sorry.command(redirect(SORRY)), [redirect(SORRY)]);
  await sorry.script.close(1006);
});

Deno.test("a call that may have been answered gets both a hangup and a decline; one applies", async () => {
  const { script, ask, command } = await ringing(ANSWER);
  assertEquals(await ask({ kind: "end" }), [redirect([HANGUP, DECLINE])]);
  // After a verb that answers it, it will have been answered.
  const behind: Command = { ...redirect([HANGUP]), queueCommand: true };
  assertEquals(await command(behind), [behind]);
  await script.hear(status("in-progress"));
  assertEquals(await ask({ kind: "end" }), [redirect([HANGUP])]);
  await script.close(1006);
});

Deno.test("a caller transferred before the answer is declined when nobody answers the transfer", async () => {
  const { script, ask } = await ringing(PAUSE);
  const [said] = await ask({ kind: "join", number: "+15551230000" });
  assert(said !== undefined && "data" in said);
  assertEquals((said.data as Verb[]).slice(1), [HANGUP, DECLINE]);
  await script.close(1006);
});

Deno.test("an outbound call is already answered when jambonz asks for verbs", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1", { ...CALL, direction: "outbound" }));
  await call.script.notify({ kind: "recorded" });
  assertEquals(saidIn(await call.answer("m1", [HANGUP])), [
    { type: "ack", msgid: "m1", data: [HANGUP] },
  ]);
  await call.script.close(1006);
});

Deno.test("verbs that exceed one frame are sent in several, in order", async () => {
  const verbs = Array.from({ length: 40 }, (_, index): Verb => ({
    verb: "say",
    text: `${index} ${"é€😀".repeat(200)}`,
  }));
  const call = await talking();
  await call.script.hear(message("verb:hook", "h1"));
  const [ack, ...rest] = saidIn(await call.answer("h1", verbs));
  assert(ack?.type === "ack" && rest.length > 0);
  for (const bytes of sizes([ack, ...rest])) assert(bytes <= FRAME_BYTES, `${bytes}`);
  const appended = rest.flatMap((said) => {
    assert(said.type === "command" && said.command === "redirect" && said.queueCommand === true);
    return said.data;
  });
  assertEquals([...ack.data ?? [], ...appended], verbs);
  const command = redirect(verbs);
  const [first, ...more] = saidIn(await call.script.notify({ kind: "command", command }));
  assert(first?.type === "command" && first.queueCommand === false);
  assertEquals(
    more.map((said) => "queueCommand" in said && said.queueCommand),
    rest.map(() => true),
  );
  for (const bytes of sizes([first, ...more])) assert(bytes <= FRAME_BYTES, `${bytes}`);
  assertEquals(toldOf(call.told, "fault"), []);
  await call.script.close(1006);
});

Deno.test("a single verb longer than a frame is an error, and nothing of its batch is sent", async () => {
  const call = await talking();
  const long: Verb = { verb: "say", text: "x".repeat(FRAME_BYTES) };
  const said = await call.script.notify({ kind: "command", command: redirect([...HELLO, long]) });
  assertEquals(saidIn(said), []);
  assertStringIncludes(toldOf(call.told, "fault")[0]?.[0] as string, "say: ");
  await call.script.close(1006);
});
