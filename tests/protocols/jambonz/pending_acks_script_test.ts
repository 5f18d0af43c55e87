import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Verb } from "../../../protocols/jambonz/commands.ts";
import { FRAME_BYTES } from "../../../protocols/jambonz/verbs.ts";
import { utf8Bytes } from "../../../session/encode.ts";
import {
  acked,
  CALL,
  connected,
  HELLO,
  message,
  redirect,
  SORRY,
  status,
  talking,
  WAITING,
} from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

/** Messages that are acked, and may be answered with verbs. */
const QUESTIONS = [
  "session:new",
  "session:redirect",
  "session:adulting",
  "dial:confirm",
  "verb:hook",
];

function ack(msgid: string, data?: Verb[]) {
  return data === undefined
    ? { type: "ack", msgid } as const
    : { type: "ack", msgid, data } as const;
}

/** A conversation that waits for the application's answer to a question, `q`. */
async function asked(type: string) {
  if (type === "session:new") {
    const call = connected();
    await call.script.hear(message(type, "q"));
    await call.script.notify({ kind: "recorded" });
    return call;
  }
  const call = await talking();
  await call.script.hear(message(type, "q", CALL, { hook: "/hook" }));
  return call;
}

for (const type of QUESTIONS) {
  Deno.test(`jambonz() acks ${type} once, with the application's verbs`, async () => {
    const call = await asked(type);
    assertEquals(toldOf(call.told, "question").length, 1);
    assertEquals(saidIn(await call.answer("q", HELLO)), [ack("q", HELLO)]);
    assertEquals(await call.answer("q", HELLO), [], "a second answer is none");
    await call.script.advance(60_000);
    assertEquals(acked(call).filter((msgid) => msgid === "q"), ["q"]);
    await call.script.close(1006);
  });

  Deno.test(`jambonz() acks ${type} once, empty if there are no verbs`, async () => {
    const call = await asked(type);
    assertEquals(saidIn(await call.answer("q", [])), [ack("q")]);
    await call.script.close(1006);
  });

  Deno.test(`jambonz() answers ${type} politely when the application throws`, async () => {
    const call = await asked(type);
    const error = new Error("boom");
    const said = saidIn(await call.script.notify({ kind: "threw", msgid: "q", error }));
    assertEquals(said, [ack("q", SORRY)]);
    const why = `Cannot answer ${type}: the application threw`;
    assertEquals(toldOf(call.told, "fault"), [[why, error]]);
    assertEquals(call.script.timers, []);
    await call.script.close(1006);
  });

  Deno.test(`jambonz() reports an invalid answer to ${type} and sends none of it`, async () => {
    const bad: unknown[] = [
      [{ verb: "say", txt: "Hello" }],
      [{ verb: "sing" }],
      [{ text: "Hello" }],
      [null],
      "say",
      undefined,
      [{ verb: "say", text: "x".repeat(FRAME_BYTES) }],
      [{ verb: "tag", data: { big: 1n } }],
    ];
    for (const verbs of bad) {
      const call = await asked(type);
      const polite = type.startsWith("session:") ? ack("q", SORRY) : ack("q");
      assertEquals(saidIn(await call.answer("q", verbs as Verb[])), [polite]);
      const [[fault]] = toldOf(call.told, "fault") as [[string]];
      assertStringIncludes(fault, `Cannot answer ${type}: `);
      await call.script.close(1006);
    }
  });
}

for (const type of QUESTIONS.slice(0, 3)) {
  Deno.test(`jambonz() acks ${type} with the polite default after 4 s, and redirects later`, async () => {
    const call = await asked(type);
    assertEquals(await call.script.advance(3999), []);
    assertEquals(saidIn(await call.script.advance(1)), [ack("q", WAITING)]);
    call.told.length = 0;
    assertEquals(saidIn(await call.answer("q", HELLO)), [redirect(HELLO)]);
    assertEquals(call.told, [["transcript", "assistant", "Hello"]]);
    assertEquals(call.script.timers, []);
    await call.script.close(1006);
  });

  Deno.test(`jambonz() gives up on an application that never answers ${type}`, async () => {
    const call = await asked(type);
    await call.script.advance(4000);
    assertEquals(await call.script.advance(29_999), []);
    assertEquals(saidIn(await call.script.advance(1)), [redirect(SORRY)]);
    assertEquals(toldOf(call.told, "fault").length, 1);
    assertEquals(await call.answer("q", HELLO), [], "too late");
    await call.script.close(1006);
  });
}

for (const type of QUESTIONS.slice(3)) {
  Deno.test(`jambonz() acks ${type} empty when the application is slow, and redirects later`, async () => {
    const call = await asked(type);
    assertEquals(await call.script.advance(2999), []);
    assertEquals(saidIn(await call.script.advance(1)), [ack("q")]);
    assertEquals(await call.script.advance(60_000), []);
    assertEquals(saidIn(await call.answer("q", HELLO)), [redirect(HELLO)]);
    assertEquals(acked(call).filter((msgid) => msgid === "q"), ["q"]);
    await call.script.close(1006);
  });

  Deno.test(`jambonz() leaves the call alone when a slow application has nothing for ${type}`, async () => {
    const call = await asked(type);
    await call.script.advance(3000);
    assertEquals(await call.answer("q", []).then(saidIn), []);
    await call.script.close(1006);
  });
}

Deno.test("jambonz() acks session:new in time even before its record is open", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  assertEquals(saidIn(await call.script.advance(4000)), [ack("m1", WAITING)]);
  await call.script.notify({ kind: "recorded" });
  assertEquals(toldOf(call.told, "question").length, 1);
  assertEquals(saidIn(await call.answer("m1", HELLO)), [redirect(HELLO)]);
  await call.script.close(1006);
});

Deno.test("jambonz() rejects a call that cannot be recorded, with an empty ack", async () => {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  assertEquals(saidIn(await call.script.notify({ kind: "unrecorded" })), [ack("m1")]);
  assertEquals(await call.script.advance(60_000), []);
  assertEquals(toldOf(call.told, "question"), []);
  await call.script.close(1006);
});

Deno.test("jambonz() rejects a call that could not be recorded when it was announced", async () => {
  const call = connected();
  await call.script.hear(status("trying"));
  await call.script.notify({ kind: "unrecorded" });
  assertEquals(saidIn(await call.script.hear(message("session:new", "m1"))), [ack("m1")]);
  assertEquals(await call.script.advance(60_000), []);
  await call.script.close(1006);
});

Deno.test("jambonz() matches answers to questions by msgid, in any order", async () => {
  const call = await talking();
  await call.script.hear(message("verb:hook", "a"));
  await call.script.hear(message("dial:confirm", "b"));
  assertEquals(saidIn(await call.answer("b", [])), [ack("b")]);
  assertEquals(saidIn(await call.answer("a", HELLO)), [ack("a", HELLO)]);
  assertEquals(await call.answer("unknown", HELLO), []);
  assertEquals(await call.script.notify({ kind: "threw", msgid: "x", error: 1 }), []);
  await call.script.close(1006);
});

Deno.test("jambonz() treats a repeated msgid as one question while it waits", async () => {
  const call = await talking();
  await call.script.hear(message("verb:hook", "a"));
  await call.script.hear(message("verb:hook", "a"));
  assertEquals(toldOf(call.told, "question").length, 1);
  assertEquals(toldOf(call.told, "unexpected"), [["repeated verb:hook", "talking"]]);
  await call.answer("a", []);
  assertEquals(acked(call), ["m1", "a"]);
  await call.script.close(1006);
});

Deno.test("jambonz() acks nothing twice when the call ends before a slow application answers", async () => {
  const call = await asked("verb:hook");
  await call.script.hear(message("session:redirect", "r"));
  await call.script.advance(4000);
  assertEquals(acked(call), ["m1", "q", "r"]);
  await call.script.hear(status("completed"));
  assertEquals(await call.answer("q", HELLO), []);
  assertEquals(await call.answer("r", HELLO), []);
  assertEquals(call.script.timers, ["linger"]);
  await call.script.advance(60_000);
  assertEquals(acked(call), ["m1", "q", "r"]);
});

/** Verbs whose ack to `q` has exactly so many bytes. */
function verbsOf(bytes: number): Verb[] {
  const empty = JSON.stringify({ type: "ack", msgid: "q", data: [{ verb: "say", text: "" }] });
  return [{ verb: "say", text: "x".repeat(bytes - utf8Bytes(empty)) }];
}

Deno.test("jambonz() sends an ack of 24 KiB, and none a byte longer", async () => {
  const fits = await asked("verb:hook");
  assertEquals(saidIn(await fits.answer("q", verbsOf(FRAME_BYTES))).length, 1);
  assertEquals(toldOf(fits.told, "fault"), []);
  await fits.script.close(1006);
  const over = await asked("verb:hook");
  assertEquals(saidIn(await over.answer("q", verbsOf(FRAME_BYTES + 1))), [ack("q")]);
  assertStringIncludes(toldOf(over.told, "fault")[0]?.[0] as string, "24576");
  await over.script.close(1006);
});

Deno.test("jambonz() sends no frame over 24 KiB for a late answer either", async () => {
  const call = await asked("verb:hook");
  await call.script.advance(3000);
  await call.answer("q", verbsOf(FRAME_BYTES));
  for (const said of call.script.said) assert(utf8Bytes(JSON.stringify(said)) <= FRAME_BYTES);
  assertEquals(toldOf(call.told, "fault").length, 1);
  await call.script.close(1006);
});
