/** Verbs and commands of applications that are newer than the verb specifications. */
import { assertEquals } from "@std/assert";
import { asked } from "../../../calls/line.ts";
import { type Command, NEWER_COMMANDS, type Verb } from "../../../protocols/jambonz/commands.ts";
import {
  checkVerbs,
  faultBySpecifications,
  faultOfVerbs,
} from "../../../protocols/jambonz/verbs.ts";
import { connected, HELLO, message, redirect, SORRY, talking } from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

const AGENT: Verb = {
  verb: "agent",
  llm: { vendor: "openai", model: "gpt-4o", llmOptions: {} },
};
/** A property of a verb that the specifications know without it. */
const NEWER_DIALOGFLOW: Verb = {
  verb: "dialogflow",
  project: "p",
  credentials: "c",
  lang: "en-US",
  toolHook: "/tool",
};

for (
  const verb of [
    AGENT,
    { verb: "room", name: "sales" },
    { verb: "transfer", mode: "blind", target: [{ type: "phone", number: "+15085551212" }] },
    {
      verb: "gptlive_s2s",
      auth: { apiKey: "k" },
      llmOptions: { session_update: { instructions: "Be calm." } },
    },
    { verb: "qwen_s2s", llmOptions: {} },
    NEWER_DIALOGFLOW,
  ] satisfies Verb[]
) {
  Deno.test(`checkVerbs() accepts the newer ${verb.verb}, and reports it`, () => {
    assertEquals(typeof faultBySpecifications([verb]), "string");
    assertEquals(checkVerbs([...HELLO, verb]), { fault: undefined, newer: [verb.verb] });
  });
}

Deno.test("checkVerbs() reports no current verb as newer", () => {
  assertEquals(checkVerbs([...HELLO, { verb: "hangup" }]), { fault: undefined, newer: [] });
});

for (
  const [what, verb, fault] of [
    ["an unknown verb", { verb: "sing" }, "invalid instruction: sing"],
    [
      "an unknown property",
      { verb: "say", text: "x", colour: "red" },
      "say: unknown property colour",
    ],
    [
      "an unknown property of a newer verb",
      { ...AGENT, colour: "red" },
      "agent: unknown property colour",
    ],
    [
      "a newer verb without a required property",
      { verb: "transfer", mode: "warm" },
      "transfer: target is missing",
    ],
    [
      "a newer verb with a property of the wrong type",
      { verb: "room", name: 5 },
      "room: name: must be string",
    ],
    [
      "a verb that the specifications refuse",
      { verb: "gather", numDigits: "1" },
      "gather: property numDigits has invalid data type",
    ],
    ["a name from Object.prototype", { verb: "constructor" }, "invalid instruction: constructor"],
  ] as const
) {
  Deno.test(`faultOfVerbs() refuses ${what}`, () => {
    assertEquals(faultOfVerbs([...HELLO, AGENT, verb]), fault);
    assertEquals(checkVerbs([AGENT, verb]).newer, []);
  });
}

Deno.test("jambonz() acks with a newer verb, and logs a warning", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "recorded" });
  assertEquals(saidIn(await call.answer("m1", [AGENT])), [
    { type: "ack", msgid: "m1", data: [AGENT] },
  ]);
  assertEquals(toldOf(call.told, "newer"), [["verb", "agent"]]);
  assertEquals(toldOf(call.told, "fault"), []);
  await call.script.close(1006);
});

Deno.test("jambonz() apologises for an unknown verb", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "recorded" });
  assertEquals(saidIn(await call.answer("m1", [AGENT, { verb: "sing" }])).slice(0, 1), [
    { type: "ack", msgid: "m1", data: SORRY },
  ]);
  assertEquals(toldOf(call.told, "newer"), [], "it did not go out");
  assertEquals(toldOf(call.told, "fault").length, 1);
  await call.script.close(1006);
});

Deno.test("jambonz() redirects to newer verbs, also from REST, and logs a warning", async () => {
  const { script, told } = await talking();
  const command = redirect([AGENT]);
  assertEquals(saidIn(await script.notify({ kind: "command", command })), [command]);
  const ask = { kind: "redirect", verbs: [NEWER_DIALOGFLOW] } as const;
  assertEquals(saidIn(await script.notify(asked(ask))), [redirect([NEWER_DIALOGFLOW])]);
  assertEquals(toldOf(told, "newer"), [["verb", "agent"], ["verb", "dialogflow"]]);
  assertEquals(toldOf(told, "fault"), []);
  await script.close(1006);
});

for (const name of NEWER_COMMANDS) {
  Deno.test(`jambonz() sends the newer command ${name}, and logs a warning`, async () => {
    const { script, told } = await talking();
    const command: Command = { type: "command", command: name, data: { any: "thing" } };
    assertEquals(saidIn(await script.notify({ kind: "command", command })), [command]);
    assertEquals(told, [["newer", "command", name]]);
    await script.close(1006);
  });
}

Deno.test("jambonz() warns of no current command", async () => {
  const { script, told } = await talking();
  const command: Command = { type: "command", command: "mute:status", data: {} };
  assertEquals(saidIn(await script.notify({ kind: "command", command })), [command]);
  assertEquals(told, []);
  await script.close(1006);
});

Deno.test("jambonz() does not send an unknown command, and names it", async () => {
  const { script, told } = await talking();
  // Applications are programs: their types may be those of another day.
  const command = { type: "command", command: "sing:loud", data: {} } as unknown as Command;
  assertEquals(saidIn(await script.notify({ kind: "command", command })), []);
  assertEquals(told, [
    ["fault", "Cannot send the command sing:loud: no jambonz server knows it"],
  ]);
  await script.close(1006);
});
