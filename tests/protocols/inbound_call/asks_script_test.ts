import { assert, assertEquals } from "@std/assert";
import { type Ask, asked } from "../../../calls/line.ts";
import { inboundCallWire } from "../../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../../protocols/inbound_call/session.ts";
import type { Timeline } from "../../../protocols/inbound_call/ports.ts";
import { saidIn, Script } from "../../support/script.ts";
import { inboundWorld } from "../../support/worlds.ts";

const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "3" };
const QUIET: Partial<Timeline> = { dtmfAfterMs: Infinity, hangupAfterMs: Infinity };

async function ringing(timeline: Partial<Timeline> = {}) {
  const world = inboundWorld({ ...QUIET, ...timeline });
  const script = new Script(inboundCallWire, inboundCall, world);
  await script.hear(INCOMING);
  world.told.length = 0;
  const ask = async (what: Ask) => saidIn(await script.notify(asked(what)));
  return { script, told: world.told, ask };
}

async function answered() {
  const call = await ringing();
  await call.script.notify({ kind: "recorded" });
  call.told.length = 0;
  return call;
}

function tone(digit: string, duration = 200) {
  return { event: "dtmf", digit, duration } as const;
}

Deno.test("inboundCall() hangs up when asked to end, answered or not", async () => {
  for (const make of [ringing, answered]) {
    const { script, told, ask } = await make();
    assertEquals(await ask({ kind: "end" }), [{ event: "hangup" }]);
    assertEquals(told, [["ended", "watcher", "asked to end"]]);
    assertEquals(await ask({ kind: "end" }), [], "once");
    await script.hear({ event: "cdr" });
    assert(script.over);
  }
});

Deno.test("inboundCall() names the operator who ended the call over REST", async () => {
  const { script, told, ask } = await answered();
  assertEquals(await ask({ kind: "end", by: "operator" }), [{ event: "hangup" }]);
  assertEquals(told, [["ended", "operator", "asked to end"]]);
  await script.close(1006);
});

Deno.test("inboundCall() interrupts the audio queued at the platform", async () => {
  const { script, ask } = await answered();
  assertEquals(await ask({ kind: "interrupt" }), [{ event: "interrupt" }]);
  assertEquals((await script.play(new Uint8Array(2))).length, 1, "and echoes on");
  await script.close(1006);
});

Deno.test("inboundCall() sends digits one after the other, with a pause between them", async () => {
  const { script, told, ask } = await answered();
  assertEquals(await ask({ kind: "digits", digits: "1*#", durationMs: 200 }), [tone("1")]);
  assertEquals(saidIn(await script.advance(299)), []);
  assertEquals(saidIn(await script.advance(1)), [tone("*")]);
  assertEquals(saidIn(await script.advance(300)), [tone("#")]);
  assertEquals(saidIn(await script.advance(10_000)), []);
  assertEquals(told, [["dtmf", "1", "us"], ["dtmf", "*", "us"], ["dtmf", "#", "us"]]);
  assertEquals(script.timers, []);
  await script.close(1006);
});

Deno.test("inboundCall() queues digits requested while others are being sent", async () => {
  const { script, ask } = await answered();
  assertEquals(await ask({ kind: "digits", digits: "12", durationMs: 100 }), [tone("1", 100)]);
  assertEquals(await ask({ kind: "digits", digits: "3", durationMs: 1000 }), []);
  assertEquals(saidIn(await script.advance(200)), [tone("2", 100)]);
  assertEquals(saidIn(await script.advance(200)), [tone("3", 1000)]);
  await script.advance(1100);
  assertEquals(await ask({ kind: "digits", digits: "4", durationMs: 100 }), [tone("4", 100)]);
  await script.close(1006);
});

Deno.test("inboundCall() sends no more digits once the call has ended", async () => {
  const { script, ask } = await answered();
  await ask({ kind: "digits", digits: "123", durationMs: 100 });
  await script.hear({ event: "hangup" });
  assertEquals(saidIn(await script.advance(9000)), []);
  assertEquals(script.timers, ["cdr"]);
  await script.close(1006);
});

Deno.test("inboundCall() ignores requests before the call and after it", async () => {
  const asks: Ask[] = [
    { kind: "end" },
    { kind: "interrupt" },
    { kind: "digits", digits: "1", durationMs: 100 },
  ];
  const world = inboundWorld();
  const before = new Script(inboundCallWire, inboundCall, world);
  const after = await answered();
  await after.script.hear({ event: "hangup" });
  after.told.length = 0;
  for (const ask of asks) {
    assertEquals(await before.notify(asked(ask)), []);
    assertEquals(await after.script.notify(asked(ask)), []);
  }
  // No line is attached before the call: a request like this is our own fault, and is logged.
  assertEquals(world.told, asks.map(({ kind }) => ["unexpected", `ask:${kind}`, "connected"]));
  assertEquals(after.told, []);
  await before.close(1000);
  await after.script.close(1000);
});

Deno.test("inboundCall() cannot bridge a join, which the line refuses before it gets here", async () => {
  const { script, told, ask } = await answered();
  assertEquals(await ask({ kind: "join", number: "+15083084809" }), []);
  assertEquals(told, [["unexpected", "ask:join", "answered"]]);
  await script.close(1006);
});
