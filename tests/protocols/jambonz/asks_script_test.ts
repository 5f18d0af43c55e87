import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Ask, asked } from "../../../calls/line.ts";
import type { Command } from "../../../protocols/jambonz/commands.ts";
import { faultOfVerbs, FRAME_BYTES } from "../../../protocols/jambonz/verbs.ts";
import { acked, HELLO, message, redirect, status, talking } from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

async function asking() {
  const call = await talking();
  return {
    ...call,
    ask: async (ask: Ask) => saidIn(await call.script.notify(asked(ask))),
    command: async (command: Command) =>
      saidIn(await call.script.notify({ kind: "command", command })),
  };
}

Deno.test("jambonz() replaces what runs with a hangup when asked to end, and names the watcher", async () => {
  const { script, told, ask } = await asking();
  assertEquals(await ask({ kind: "end" }), [redirect([{ verb: "hangup" }])]);
  assertEquals(toldOf(told, "ended"), [], "not before jambonz says so");
  await script.hear(status("completed", { call_termination_by: "application" }));
  assertEquals(toldOf(told, "ended"), [["watcher", "completed"]]);
  await script.close(1006);
});

Deno.test("jambonz() names the operator who ends a call over REST, even if a watcher asks afterwards", async () => {
  const { script, told, ask } = await asking();
  await ask({ kind: "end", by: "operator" });
  await ask({ kind: "end" });
  await script.hear(status("completed", { call_termination_by: "application" }));
  assertEquals(toldOf(told, "ended"), [["operator", "completed"]]);
  await script.close(1006);
});

Deno.test("jambonz() dials the user who joins, and ends the screening", async () => {
  const { script, told, ask } = await asking();
  const dial = {
    verb: "dial",
    target: [{ type: "phone", number: "+15551230000" }],
    answerOnBridge: true,
  };
  const said = await ask({ kind: "join", number: "+15551230000" });
  assertEquals(said, [redirect([dial, { verb: "hangup" }])]);
  assertEquals(told, [["screeningEnded", "The call is transferred"]]);
  await script.close(1006);
});

Deno.test("jambonz() does nothing for a join of nobody", async () => {
  const { script, told, ask } = await asking();
  assertEquals(await ask({ kind: "join", number: null }), []);
  assertEquals(told, [["unexpected", "join without a number", "talking"]]);
  await script.close(1006);
});

Deno.test("jambonz() sends a tone for each requested digit, and records them", async () => {
  const { script, told, ask } = await asking();
  const dtmf = (digit: string) => ({
    type: "command",
    command: "dtmf",
    data: { dtmf: { digit, duration: 150 } },
  } as const);
  const said = await ask({ kind: "digits", digits: "1#", durationMs: 150 });
  assertEquals(said, [dtmf("1"), dtmf("#")]);
  assertEquals(told, [["dtmf", "1", "us"], ["dtmf", "#", "us"]]);
  await script.close(1006);
});

Deno.test("jambonz() stops what runs on an interrupt, streamed speech included", async () => {
  const { script, ask } = await asking();
  assertEquals(await ask({ kind: "interrupt" }), [redirect([{ verb: "config" }])]);
  await script.hear(message("tts:streaming-event", "t1", { event_type: "stream_open" }));
  assertEquals(await ask({ kind: "interrupt" }), [
    { type: "command", command: "tts:clear" },
    redirect([{ verb: "config" }]),
  ]);
  await script.close(1006);
});

Deno.test("jambonz() sends no redirect without verbs: it would end an idle call", async () => {
  const { script, told, ask, command, answer } = await asking();
  const stop = redirect([{ verb: "config" }]);
  assertEquals(faultOfVerbs(stop.data), undefined);
  assertEquals(await command(redirect([])), [stop]);
  assertEquals(await command({ ...redirect([]), queueCommand: true }), []);
  assertEquals(await ask({ kind: "redirect", verbs: [] }), [stop]);
  await script.hear(message("verb:hook", "h1"));
  await script.advance(5000);
  assertEquals(saidIn(await answer("h1", [])), [], "it has been acked");
  assertEquals(told.filter(([what]) => what === "fault"), []);
  await script.close(1006);
});

Deno.test("jambonz() accepts no request for a call that is over", async () => {
  const { script, told, ask } = await asking();
  await script.hear(status("completed"));
  told.length = 0;
  const asks: Ask[] = [
    { kind: "end" },
    { kind: "join", number: "+15551230000" },
    { kind: "interrupt" },
    { kind: "digits", digits: "1", durationMs: 100 },
  ];
  for (const each of asks) assertEquals(await ask(each), []);
  assertEquals(told, []);
  await script.close(1006);
});

Deno.test("jambonz() sends an application's commands as they are, and records what a redirect says", async () => {
  const { script, told, command } = await asking();
  const commands: Command[] = [
    { type: "command", command: "redirect", queueCommand: true, data: HELLO },
    {
      type: "command",
      command: "llm:tool-output",
      tool_call_id: "call_77",
      data: { temperature: 21 },
    },
    { type: "command", command: "llm:update", data: { type: "session.update" } },
    { type: "command", command: "mute:status", data: { mute_status: "mute" }, callSid: "sid-b" },
    { type: "command", command: "whisper", data: [{ verb: "say", text: "psst" }] },
  ];
  for (const each of commands) assertEquals(await command(each), [each]);
  assertEquals(told, [["transcript", "assistant", "Hello"]]);
  await script.close(1006);
});

Deno.test("jambonz() reports an application's invalid command to it and never sends it", async () => {
  const { script, told, command } = await asking();
  const itself: Record<string, unknown> = {};
  itself["itself"] = itself;
  const bad: [Command, string][] = [
    [redirect([{ verb: "say", txt: "Hello" }]), "unknown property txt"],
    [redirect([{ verb: "sing" }]), "sing"],
    [redirect([{ verb: "say", text: "x".repeat(FRAME_BYTES) }]), "24576"],
    [{ type: "command", command: "whisper", data: [{ verb: "sing" }] }, "sing"],
    [{ type: "command", command: "llm:update", data: { big: "x".repeat(FRAME_BYTES) } }, "24576"],
    [{ type: "command", command: "llm:update", data: itself }, "circular"],
  ];
  for (const [each, why] of bad) {
    told.length = 0;
    assertEquals(await command(each), []);
    const [[fault]] = toldOf(told, "fault") as [[string]];
    assertStringIncludes(fault, `Cannot send the command ${each.command}: `);
    assertStringIncludes(fault, why);
  }
  await script.close(1006);
});

Deno.test("jambonz() drops an application's command once the call is over", async () => {
  const { script, told, command } = await asking();
  await script.hear(status("completed"));
  assertEquals(await command(redirect(HELLO)), []);
  assertEquals(toldOf(told, "fault"), [["Cannot send the command redirect: the call is over"]]);
  await script.close(1006);
});

Deno.test("jambonz() records the best final transcript of recognised speech, and no other", async () => {
  const { script, told } = await asking();
  const speeches = [
    { is_final: true, alternatives: [{ transcript: " I am Bob ", confidence: 0.9 }] },
    { is_final: false, alternatives: [{ transcript: "I am" }] },
    { alternatives: [{ transcript: "best" }, { transcript: "second" }] },
    { is_final: true, alternatives: [] },
    { is_final: true, alternatives: [{ transcript: "  " }] },
    { is_final: true },
  ];
  for (const [at, speech] of speeches.entries()) {
    await script.hear(message("verb:hook", `h${at}`, { speech, reason: "speechDetected" }));
  }
  assertEquals(toldOf(told, "transcript"), [["other", "I am Bob"], ["other", "best"]]);
  await script.close(1006);
});

Deno.test("jambonz() records what a language model says and hears, in each vendor's form", async () => {
  const { script, told } = await asking();
  const events = [
    { type: "response.audio_transcript.done", transcript: "Hi" },
    { type: "response.output_audio_transcript.done", transcript: "Ho" },
    { type: "conversation.item.input_audio_transcription.completed", transcript: "Hello" },
    { type: "transcript", role: "user", text: "who is there", final: true },
    { type: "transcript", role: "agent", text: "me" },
    { type: "transcript", role: "agent", text: "m", final: false },
    { type: "response.audio_transcript.delta", transcript: "H" },
    { type: "response.audio_transcript.done", transcript: "" },
    { type: "response.audio_transcript.done" },
    {},
  ];
  for (const [at, event] of events.entries()) {
    await script.hear(message("llm:event", `l${at}`, event, { hook: "/llm" }));
  }
  assertEquals(toldOf(told, "transcript"), [
    ["assistant", "Hi"],
    ["assistant", "Ho"],
    ["other", "Hello"],
    ["other", "who is there"],
    ["assistant", "me"],
  ]);
  assertEquals(toldOf(told, "tell").length, events.length);
  await script.close(1006);
});

Deno.test("jambonz() records what say and gather speak, one text or several", async () => {
  const { script, told, command } = await asking();
  await command(redirect([
    { verb: "say", text: ["one", "two"] },
    { verb: "gather", input: ["digits"], actionHook: "/g", say: { text: "three" } },
    { verb: "pause", length: 1 },
    { verb: "hangup" },
  ]));
  assertEquals(toldOf(told, "transcript").map(([, text]) => text), ["one", "two", "three"]);
  await script.close(1006);
});

Deno.test("jambonz() passes everything that needs no answer to the application", async () => {
  const call = await talking();
  const news = [
    message("verb:status", "n1", { event: "finished", name: "say", id: "a" }),
    message("llm:tool-call", "n2", { tool_call_id: "t1", name: "weather", args: {} }),
    message("llm:event", "n3", { type: "session.created" }),
    message("tts:streaming-event", "n4", { event_type: "stream_open" }),
    message("jambonz:error", "n5", { msg: "TTS error" }),
    status("in-progress"),
  ];
  for (const each of news) assertEquals(saidIn(await call.script.hear(each)), []);
  assertEquals(
    toldOf(call.told, "tell"),
    news.map(({ type, data }) => [{ type, hook: undefined, data }]),
  );
  assertEquals(toldOf(call.told, "lineEvent"), [
    ["tts stream", { event_type: "stream_open" }],
    ["jambonz:error", { msg: "TTS error" }],
  ]);
  assertEquals(acked(call), ["m1"], "and none of it is acked");
  await call.script.close(1006);
});

Deno.test("jambonz() accepts an error without details", async () => {
  const call = await talking();
  await call.script.hear({ type: "error" });
  assertEquals(call.told, [
    ["lineEvent", "jambonz:error", {}],
    ["tell", { type: "jambonz:error", hook: undefined, data: {} }],
  ]);
  await call.script.close(1006);
});
