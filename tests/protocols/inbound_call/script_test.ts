import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { inboundCallWire } from "../../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../../protocols/inbound_call/session.ts";
import type { Timeline } from "../../../protocols/inbound_call/ports.ts";
import { cancel, close } from "../../../session/protocol.ts";
import { saidIn, Script } from "../../support/script.ts";
import { inboundWorld } from "../../support/worlds.ts";

const INCOMING = {
  event: "incoming_call",
  callerId: "+254712345678",
  didNumber: "5000",
  sessionId: "session-1",
};
const BEGUN = {
  line: "inbound",
  direction: "inbound",
  platformId: "session-1",
  from: "+254712345678",
  to: "5000",
};
const ANSWER = { event: "answer" } as const;
const HANGUP = { event: "hangup" } as const;
const TONE = { event: "dtmf", digit: "1", duration: 200 } as const;
const FRAME = new Uint8Array(320);

function start(timeline: Partial<Timeline> = {}) {
  const world = inboundWorld(timeline);
  const script = new Script(inboundCallWire, inboundCall, world);
  return { world, script, told: world.told };
}

/** A call that has rung, and whose record is open. */
async function answered(timeline: Partial<Timeline> = {}) {
  const started = start(timeline);
  await started.script.hear(INCOMING);
  await started.script.notify({ kind: "recorded" });
  started.told.length = 0;
  return started;
}

async function end({ script }: ReturnType<typeof start>): Promise<void> {
  if (!script.over) await script.close(1006);
  assert(script.over);
}

Deno.test("inboundCall() plays the timeline of the document, up to the CDR", async () => {
  const call = start();
  const { script, told } = call;
  assertEquals(saidIn(await script.hear(INCOMING)), [], "not before the call is recorded");
  assertEquals(told, [["begin", BEGUN]]);
  assertEquals(saidIn(await script.notify({ kind: "recorded" })), [ANSWER]);
  assertEquals(await script.advance(1999), []);
  assertEquals(saidIn(await script.advance(1)), [TONE]);
  assertEquals(await script.play(FRAME), [{ kind: "play", bytes: FRAME }]);
  await script.hear({ event: "dtmf", digit: "A" });
  assertEquals(await script.advance(7999), []);
  assertEquals(saidIn(await script.advance(1)), [HANGUP]);
  const cdr = { event: "cdr", sessionId: "session-1", hangupCauseCode: 16, extra: { a: 1 } };
  const last = await script.hear(cdr);
  assertEquals(last, [cancel("cdr"), close(1000, "the call is over")]);
  assertEquals(told.slice(1), [
    ["answered"],
    ["dtmf", "1", "us"],
    ["dtmf", "A", "caller"],
    ["ended", "us", "timeline"],
    ["cdr", cdr],
  ]);
  await end(call);
});

Deno.test("inboundCall() plays each audio frame as the same bytes, without a timer", async () => {
  const call = await answered();
  const timers = call.script.timers;
  const [command] = await call.script.play(FRAME);
  assert(command?.kind === "play");
  assertStrictEquals(command.bytes, FRAME);
  assertEquals(call.script.timers, timers);
  await end(call);
});

Deno.test("inboundCall() ignores audio before the answer", async () => {
  const call = start();
  assertEquals(await call.script.play(FRAME), []);
  await call.script.hear(INCOMING);
  assertEquals(await call.script.play(FRAME), []);
  assertEquals(call.told.filter(([name]) => name === "unexpected"), [
    ["unexpected", "audio", "connected"],
    ["unexpected", "audio", "recording"],
  ]);
  await end(call);
});

Deno.test("inboundCall() ignores audio after the hangup", async () => {
  const call = await answered();
  await call.script.hear(HANGUP);
  call.told.length = 0;
  assertEquals(await call.script.play(FRAME), []);
  assertEquals(call.told, [], "it was on its way");
  await end(call);
});

Deno.test("inboundCall() accepts audio silently when it does not echo", async () => {
  const call = await answered({ echo: false });
  assertEquals(await call.script.play(FRAME), []);
  assertEquals(call.told, []);
  await end(call);
});

Deno.test("inboundCall() answers after the configured time", async () => {
  const call = await answered({ answerAfterMs: 500 });
  assertEquals(saidIn(await call.script.advance(499)), []);
  assertEquals(saidIn(await call.script.advance(1)), [ANSWER]);
  assertEquals(saidIn(await call.script.advance(2000)), [TONE]);
  await end(call);
});

Deno.test("inboundCall() never answers, plays tones or hangs up when configured so", async () => {
  const ringing = await answered({ answerAfterMs: Infinity });
  assertEquals(await ringing.script.advance(1e9), []);
  const talking = await answered({ dtmfAfterMs: Infinity, hangupAfterMs: Infinity });
  assertEquals(await talking.script.advance(1e9), []);
  await end(ringing);
  await end(talking);
});

Deno.test("inboundCall() refuses a call that cannot be recorded", async () => {
  const call = start();
  await call.script.hear(INCOMING);
  assertEquals(saidIn(await call.script.notify({ kind: "unrecorded" })), [HANGUP]);
  assertEquals(call.told.at(-1), ["ended", "us", "not recorded"]);
  assertEquals(await call.script.notify({ kind: "recorded" }), []);
  await end(call);
});

Deno.test("inboundCall() waits for the CDR after the caller's hangup, then closes with 1000", async () => {
  const call = await answered();
  await call.script.hear(HANGUP);
  assertEquals(call.told, [["ended", "caller", "hangup"]]);
  assertEquals(call.script.timers, ["cdr"], "no tone and no hangup any more");
  assertEquals(await call.script.advance(9999), []);
  const last = await call.script.hear({ event: "cdr" });
  assertEquals(last, [cancel("cdr"), close(1000, "the call is over")]);
  assertEquals(call.told.at(-1), ["cdr", { event: "cdr" }]);
  await end(call);
});

Deno.test("inboundCall() writes its own CDR when none arrives within ten seconds", async () => {
  const call = await answered();
  await call.script.hear(HANGUP);
  const last = await call.script.advance(10_000);
  assertEquals(last, [{ kind: "close", code: 1000, reason: "no CDR came" }]);
  assertEquals(call.told.filter(([name]) => name === "noCdr").length, 1);
  await end(call);
});

Deno.test("inboundCall() accepts a CDR without a hangup as the end of the call", async () => {
  for (const make of [answered, async () => await ringing()]) {
    const call = await make();
    call.told.length = 0;
    await call.script.hear({ event: "cdr", disposition: "NO ANSWER" });
    assertEquals(call.told.map(([name]) => name), ["ended", "cdr"]);
    assertEquals(call.told[0], ["ended", "caller", "cdr"]);
    await end(call);
  }
});

async function ringing() {
  const call = start({ answerAfterMs: Infinity });
  await call.script.hear(INCOMING);
  return call;
}

Deno.test("inboundCall() ends a call that is hung up while ringing, and never answers it", async () => {
  const call = await answered({ answerAfterMs: 100 });
  await call.script.hear(HANGUP);
  assertEquals(call.script.timers, ["cdr"]);
  assertEquals(saidIn(await call.script.notify({ kind: "recorded" })), []);
  await call.script.hear({ event: "cdr" });
  assertEquals(call.script.said, []);
  await end(call);
});

Deno.test("inboundCall() writes its own CDR for a call whose socket closes, once", async () => {
  // 1005 is a close frame without a code: its sender has hung up, and was not lost.
  const ends = [[1006, "lost"], [1001, "lost"], [1000, "caller"], [1005, "caller"]] as const;
  for (const [code, by] of ends) {
    for (const make of [answered, ringing]) {
      const call = await make();
      call.told.length = 0;
      await call.script.close(code);
      assertEquals(call.told, [["ended", by, `socket closed with ${code}`], ["noCdr"]]);
      await end(call);
    }
  }
});

Deno.test("inboundCall() writes its own CDR when the socket closes while it waits for one", async () => {
  const call = await answered();
  await call.script.hear(HANGUP);
  await call.script.close(1006);
  assertEquals(call.told, [["ended", "caller", "hangup"], ["noCdr"]]);
  await end(call);
});

Deno.test("inboundCall() records nothing for a socket that never announced a call", async () => {
  const call = start();
  await call.script.close(1000);
  assertEquals(call.told, []);
  assertEquals(call.script.commands, []);
  await end(call);
});

Deno.test("inboundCall() counts unexpected messages, and continues", async () => {
  const call = start();
  const { script, told } = call;
  await script.hear({ event: "dtmf", digit: "1" });
  await script.hear(HANGUP);
  await script.hear({ event: "cdr" });
  await script.hear(INCOMING);
  await script.hear({ event: "dtmf", digit: "1" });
  await script.hear(INCOMING);
  await script.notify({ kind: "recorded" });
  await script.hear({ ...INCOMING, sessionId: "another" });
  assertEquals(told, [
    ["unexpected", "dtmf", "connected"],
    ["unexpected", "hangup", "connected"],
    ["unexpected", "cdr", "connected"],
    ["begin", BEGUN],
    ["unexpected", "dtmf", "recording"],
    ["unexpected", "incoming_call", "recording"],
    ["answered"],
    ["unexpected", "incoming_call", "answered"],
  ]);
  assertEquals(script.said, [ANSWER]);
  await end(call);
});

Deno.test("inboundCall() counts malformed frames in every state and never answers them", async () => {
  const call = await answered();
  for (const text of ["nonsense", "[]", '{"event":"hold"}', '{"event":"dtmf","digit":"E"}']) {
    assertEquals(await call.script.hearText(text), []);
  }
  assertEquals(call.told, [
    ["unexpected", "not json", "answered"],
    ["unexpected", "bad shape", "answered"],
    ["unexpected", "unknown type", "answered", ["event"]],
    ["unexpected", "bad shape", "answered", ["digit"]],
  ]);
  await end(call);
});

Deno.test("inboundCall() ignores a platform's hangup after its own", async () => {
  const call = await answered();
  await call.script.advance(10_000);
  call.told.length = 0;
  assertEquals(await call.script.hear(HANGUP), []);
  assertEquals(call.told, []);
  await end(call);
});

Deno.test("inboundCall() sends no hangup if the platform hung up first", async () => {
  const call = await answered();
  const { script } = call;
  const heard = { kind: "message", message: HANGUP } as const;
  const timeouts = ["answer", "dtmf", "digits", "hangup"];
  const due = timeouts.map((timer) => ({ kind: "timeout", timer }) as const);
  assertEquals(saidIn(await script.tell(heard, ...due)), []);
  assertEquals(call.told.filter(([name]) => name === "ended").length, 1);
  await end(call);
});

Deno.test("inboundCall() accepts only the first CDR", async () => {
  const call = await answered();
  call.world.cdr = (received) => void call.told.push(["cdr", received]);
  const cdr = { kind: "message", message: { event: "cdr" } } as const;
  await call.script.tell(cdr, cdr);
  assertEquals(call.told.filter(([name]) => name === "cdr").length, 1);
  assertEquals(call.told.at(-1), ["unexpected", "cdr", "acknowledging"]);
  await end(call);
});

Deno.test("inboundCall() accepts every key of the document", async () => {
  const call = await answered();
  for (const digit of "0123456789*#ABCD") await call.script.hear({ event: "dtmf", digit });
  assertEquals(call.told.map(([, digit]) => digit).join(""), "0123456789*#ABCD");
  await end(call);
});
