/** Messages of platforms that deviate from their document: a script without sockets. */
import { assertEquals } from "@std/assert";
import { inboundCallWire } from "../../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../../protocols/inbound_call/session.ts";
import { saidIn, Script } from "../../support/script.ts";
import { inboundWorld, toldOf } from "../../support/worlds.ts";

const INCOMING = {
  event: "incoming_call",
  callerId: "+254712345678",
  didNumber: "5000",
  sessionId: "session-1",
};

function start() {
  const world = inboundWorld();
  return { world, script: new Script(inboundCallWire, inboundCall, world) };
}

/** The start of a call whose incoming_call differs from the document's in this way. */
async function begun(changes: Record<string, unknown>): Promise<unknown> {
  const { world, script } = start();
  await script.hear({ ...INCOMING, ...changes });
  assertEquals(saidIn(await script.notify({ kind: "recorded" })), [{ event: "answer" }]);
  await script.close(1006);
  return toldOf(world.told, "begin")[0]![0];
}

const BEGUN = {
  line: "inbound",
  direction: "inbound",
  platformId: "session-1",
  from: "+254712345678",
  to: "5000",
};

const FORMS: [name: string, said: Record<string, unknown>, kept: Record<string, unknown>][] = [
  ["a caller as a number", { callerId: 628111 }, { from: "628111" }],
  ["every field as a number", { callerId: 628111, didNumber: 5000, sessionId: 7 }, {
    from: "628111",
    platformId: "7",
  }],
  ["a caller of null", { callerId: null }, { from: null }],
  ["no caller", { callerId: undefined }, { from: null }],
  ["an empty caller", { callerId: "" }, { from: null }],
  ["a blank caller", { callerId: "  " }, { from: null }],
  ["a called number of null", { didNumber: null }, { to: null }],
  ["no called number", { didNumber: undefined }, { to: null }],
  ["a session id of null", { sessionId: null }, { platformId: "ours" }],
  ["no session id", { sessionId: undefined }, { platformId: "ours" }],
  ["an empty session id", { sessionId: "" }, { platformId: "ours" }],
];

for (const [name, said, kept] of FORMS) {
  Deno.test(`inboundCall() accepts ${name} like any other call`, async () => {
    assertEquals(await begun(said), { ...BEGUN, ...kept });
  });
}

Deno.test("inboundCall() reads 1 as the key 1, and a as the key A", async () => {
  const { world, script } = start();
  await script.hear(INCOMING);
  await script.notify({ kind: "recorded" });
  for (const digit of [1, 0, 9, "a", "d", "B", "#"]) await script.hear({ event: "dtmf", digit });
  assertEquals(toldOf(world.told, "dtmf").map(([digit]) => digit), [..."109ADB#"]);
  await script.close(1006);
});

Deno.test("inboundCall() names the invalid field, and never its value", async () => {
  const { world, script } = start();
  const frames = [
    { ...INCOMING, callerId: { secret: 1 }, sessionId: ["secret"] },
    { event: "dtmf", digit: "secret" },
    { event: "dtmf" },
    { event: "dtmf", digit: 10 },
    { event: "secret" },
    {},
    [],
  ];
  for (const frame of frames) await script.hearText(JSON.stringify(frame));
  await script.hearText("secret");
  assertEquals(world.told, [
    ["unexpected", "bad shape", "connected", ["callerId", "sessionId"]],
    ["unexpected", "bad shape", "connected", ["digit"]],
    ["unexpected", "bad shape", "connected", ["digit"]],
    ["unexpected", "bad shape", "connected", ["digit"]],
    ["unexpected", "unknown type", "connected", ["event"]],
    ["unexpected", "bad shape", "connected", ["event"]],
    ["unexpected", "bad shape", "connected"],
    ["unexpected", "not json", "connected"],
  ]);
  await script.close(1006);
});
