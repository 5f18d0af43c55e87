import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { JambonzCall, Question } from "../../protocols/jambonz/application.ts";
import type { Command, Verb } from "../../protocols/jambonz/commands.ts";
import { greeting } from "../../protocols/jambonz/greeting.ts";
import { faultOfSize, faultOfVerbs, spokenTexts } from "../../protocols/jambonz/verbs.ts";

/** The greeting's answer, which jambonz must be able to take. */
async function answer(question: Partial<Question>): Promise<readonly Verb[]> {
  const whole: Question = { type: "verb:hook", hook: undefined, data: {}, ...question };
  // It needs nothing of its call.
  const verbs = await greeting.answer(whole, {} as JambonzCall);
  assertEquals(faultOfVerbs(verbs), undefined);
  assertEquals(faultOfSize({ type: "ack", msgid: "m", data: verbs }), undefined);
  return verbs;
}

function verbsOf(verbs: readonly Verb[]): string[] {
  return verbs.map(({ verb }) => verb);
}

function hookOf([gather]: readonly Verb[]): string {
  return gather?.["actionHook"] as string;
}

Deno.test("the greeting greets and gathers, however the call comes to us", async () => {
  for (const type of ["session:new", "session:redirect", "session:adulting"] as const) {
    const verbs = await answer({ type });
    assertEquals(verbsOf(verbs), ["gather"]);
    assertStringIncludes(spokenTexts(verbs)[0]!, "Hello, this is Tipring.");
  }
});

Deno.test("the greeting repeats a key that was pressed and gathers again", async () => {
  const hook = hookOf(await answer({ type: "session:new" }));
  const verbs = await answer({ hook, data: { digits: "12", reason: "dtmfDetected" } });
  assertEquals(verbsOf(verbs), ["gather"]);
  assertEquals(spokenTexts(verbs), ["You pressed 1 2."]);
});

Deno.test("the greeting repeats what was said and gathers again", async () => {
  const hook = hookOf(await answer({ type: "session:new" }));
  const speech = { is_final: true, alternatives: [{ transcript: "good morning" }] };
  const verbs = await answer({ hook, data: { speech } });
  assertEquals(verbsOf(verbs), ["gather"]);
  assertEquals(spokenTexts(verbs), ["You said: good morning."]);
});

Deno.test("the greeting hangs up on 9", async () => {
  const hook = hookOf(await answer({ type: "session:new" }));
  const verbs = await answer({ hook, data: { digits: "9" } });
  assertEquals(verbsOf(verbs), ["say", "hangup"]);
  assertEquals(spokenTexts(verbs), ["Goodbye."]);
});

Deno.test("the greeting hangs up after three silences in a row, and not before", async () => {
  let verbs = await answer({ type: "session:new" });
  for (const silence of [1, 2]) {
    verbs = await answer({ hook: hookOf(verbs), data: { reason: "timeout" } });
    assertEquals(verbsOf(verbs), ["gather"], `silence ${silence}`);
  }
  verbs = await answer({ hook: hookOf(verbs), data: { reason: "timeout" } });
  assertEquals(verbsOf(verbs), ["say", "hangup"]);
});

Deno.test("the greeting counts silences anew after a sign of life", async () => {
  let verbs = await answer({ type: "session:new" });
  for (const data of [{}, {}, { digits: "1" }, {}, {}]) {
    verbs = await answer({ hook: hookOf(verbs), data });
    assertEquals(verbsOf(verbs), ["gather"]);
  }
});

Deno.test("the greeting leaves hooks alone that are not its own, and confirms every dial", async () => {
  assertEquals(await answer({ hook: "/other", data: { digits: "9" } }), []);
  assertEquals(await answer({ hook: undefined }), []);
  assertEquals(await answer({ type: "dial:confirm", hook: "/confirm" }), []);
});

Deno.test("the greeting speaks whatever is said to it, and stays within a frame", async () => {
  const hook = hookOf(await answer({ type: "session:new" }));
  for (const transcript of ['"quoted" \\ <speak>', "😀", "x".repeat(5000)]) {
    await answer({ hook, data: { speech: { alternatives: [{ transcript }] } } });
  }
});

Deno.test("the greeting goes on with keys alone where there is no recogniser", async () => {
  const commands: Command[] = [];
  const call = { command: (command) => void commands.push(command) } as JambonzCall;
  const tell = (data: Record<string, unknown>) =>
    greeting.tell?.({ type: "jambonz:error", hook: undefined, data }, call);
  tell({ msg: "TTS error", verb: "say", failover: "not available" });
  tell({ msg: "ASR error", verb: "gather", failover: "in progress" });
  assertEquals(commands, []);
  tell({ msg: "ASR error", verb: "gather", failover: "not available" });
  const [command] = commands;
  assert(command?.command === "redirect" && command.queueCommand === false);
  let verbs: readonly Verb[] = command.data;
  for (const data of [{ digits: "1" }, { reason: "timeout" }, { reason: "timeout" }]) {
    assertEquals(verbs[0]?.["input"], ["digits"]);
    assertEquals(faultOfVerbs(verbs), undefined);
    verbs = await answer({ hook: hookOf(verbs), data });
  }
  assertEquals(verbsOf(await answer({ hook: hookOf(verbs), data: {} })), ["say", "hangup"]);
});

Deno.test("the greeting asks again when a call is back, behind what may still run", () => {
  const commands: Command[] = [];
  greeting.resumed?.({ command: (command) => void commands.push(command) } as JambonzCall);
  const [command] = commands;
  assert(command?.command === "redirect" && command.queueCommand === true);
  assertEquals(verbsOf(command.data), ["gather"]);
});
