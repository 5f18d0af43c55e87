/** Every message that jambonz waits for is acked, and newer messages are accepted. */
import { assertEquals } from "@std/assert";
import { acked, CALL, connected, HELLO, message, talking } from "../../support/jambonz.ts";
import { toldOf } from "../../support/worlds.ts";

const ODD: unknown[] = [
  undefined,
  null,
  5,
  "text",
  [],
  [null],
  {},
  { call_sid: null, from: null, to: null, direction: null, call_status: null },
  { call_sid: 7, from: 15083084809, to: {}, direction: [], parent_call_sid: 5 },
  { digits: 5, reason: null, speech: null },
  { digits: ["1"], reason: 7, speech: "yes" },
  { speech: { is_final: null, alternatives: null } },
  { speech: { is_final: "true", alternatives: [null, {}, { transcript: null }] } },
  { speech: { is_final: true, alternatives: [{ transcript: "yes", confidence: null }] } },
  { speech: { alternatives: Array(200).fill({ transcript: 1, confidence: "high" }) } },
];

for (const type of ["verb:hook", "dial:confirm", "session:redirect"]) {
  Deno.test(`jambonz() acks ${type} whatever its data contains`, async () => {
    const call = await talking();
    for (const [index, data] of ODD.entries()) {
      const msgid = `q${index}`;
      await call.script.hearText(
        JSON.stringify({ ...message(type, msgid, data, { hook: "/hook" }), b3: null }),
      );
      await call.answer(msgid, HELLO);
      assertEquals(acked(call).at(-1), msgid, JSON.stringify(data));
    }
    await call.script.close(1006);
  });
}

for (const type of ["session:new", "session:adulting", "session:reconnect"]) {
  Deno.test(`jambonz() accepts ${type} whatever its data contains`, async () => {
    for (const data of ODD) {
      const call = connected();
      await call.script.hearText(JSON.stringify(message(type, "q", data)));
      await call.script.notify({ kind: "recorded" });
      await call.answer("q", HELLO);
      assertEquals(acked(call), ["q"], JSON.stringify(data));
      assertEquals(toldOf(call.told, "begin").length, 1);
      await call.script.close(1006);
    }
  });
}

Deno.test("jambonz() names the invalid field, and does not report a null", async () => {
  const call = await talking();
  const data = { ...CALL, confidence: null, from: null, digits: 12 };
  await call.script.hearText(JSON.stringify(message("verb:hook", "h1", data)));
  assertEquals(toldOf(call.told, "unexpected"), [["wrong verb:hook", "talking", ["data.digits"]]]);
  assertEquals(toldOf(call.told, "dtmf"), [["1", "caller"], ["2", "caller"]]);
  await call.script.close(1006);
});

Deno.test("jambonz() accepts recognised speech without a confidence", async () => {
  const call = await talking();
  const alternatives = [{ transcript: "yes", confidence: null }];
  await call.script.hear(message("verb:hook", "h1", { speech: { is_final: true, alternatives } }));
  assertEquals(toldOf(call.told, "transcript"), [["other", "yes"]]);
  assertEquals(toldOf(call.told, "unexpected"), []);
  await call.script.close(1006);
});

Deno.test("jambonz() passes on, records and acks messages of newer versions", async () => {
  const call = await talking();
  for (const msgid of ["a1", "a2"]) {
    const newer = message("agent:event", msgid, { type: "interrupted" }, { hook: "/agent" });
    await call.script.hearText(JSON.stringify(newer));
  }
  assertEquals(
    toldOf(call.told, "tell"),
    Array(2).fill([{
      type: "agent:event",
      hook: "/agent",
      data: { type: "interrupted" },
    }]),
  );
  assertEquals(toldOf(call.told, "lineEvent"), [["agent:event", {}]]);
  assertEquals(toldOf(call.told, "unexpected").map(([what]) => what), [
    "unknown agent:event",
    "unknown agent:event",
  ]);
  assertEquals(acked(call), ["m1", "a1", "a2"]);
  await call.script.hearText(JSON.stringify({ type: "agent:note", data: 5 }));
  assertEquals(acked(call), ["m1", "a1", "a2"]);
  await call.script.close(1006);
});

Deno.test("jambonz() records 32 unknown types, and only counts the others", async () => {
  const call = await talking();
  const types = ["z".repeat(65), ...Array.from({ length: 40 }, (_, index) => `newer:${index}`)];
  for (const type of types) await call.script.hearText(JSON.stringify({ type, msgid: type }));
  assertEquals(toldOf(call.told, "lineEvent").length, 32);
  const odd = toldOf(call.told, "unexpected").map(([what]) => what);
  assertEquals(odd.filter((what) => what === "unknown type").length, 9);
  // Somebody may wait for the ack all the same.
  assertEquals(acked(call), ["m1", ...types]);
  await call.script.close(1006);
});
