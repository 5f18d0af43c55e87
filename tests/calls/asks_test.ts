import { assertEquals } from "@std/assert";
import type { NewRecordEvent } from "../../calls/call_record.ts";
import { JOINED, LiveCall, type Outcome } from "../../calls/live_call.ts";
import type { Ask, Line } from "../../calls/line.ts";
import { SEED, testCalls } from "../support/calls.ts";

const END: Ask = { kind: "end" };
const JOIN: Ask = { kind: "join", number: "+15551230000" };
const BOB = { actor: "user bob", messageId: "m1" };
const ACCEPTED: Outcome = { accepted: true };

/** A call with a line, and its events, in order. */
async function asking(refuses: Line["refuses"] = () => undefined) {
  const parts = testCalls();
  const { calls } = parts;
  const { id } = await calls.begin(SEED);
  const happened: unknown[] = [];
  calls.follow(id, ({ type }) => happened.push(type));
  const line: Line = { refuses, ask: (ask) => happened.push(["line", ask.kind]) };
  const attached = calls.attach(id, line);
  /** Resolves when the request has been answered, and sent to the line. */
  const ask = (what: Ask, request = BOB) =>
    new Promise<Outcome>((resolve) =>
      calls.asks.make(id, what, request, (outcome) => {
        happened.push(outcome.accepted ? "accepted" : "refused");
        queueMicrotask(() => resolve(outcome));
      })
    );
  return { ...parts, id, line, attached, happened, ask };
}

Deno.test("a request is recorded, then answered, and then carried out by the line", async () => {
  const { ask, happened, calls, id } = await asking();
  assertEquals(await ask(END), ACCEPTED);
  assertEquals(happened, ["end_requested", "accepted", ["line", "end"]]);
  assertEquals(calls.events(id).at(-1)?.actor, "user bob");
  assertEquals(calls.events(id).at(-1)?.data, { messageId: "m1" } as never);
});

Deno.test("a requested end records who asked, and is requested again after a restart", async () => {
  const { ask, calls, id, happened } = await asking();
  await ask({ kind: "end", by: "operator" });
  assertEquals(calls.events(id).at(-1)?.data, { messageId: "m1", by: "operator" });
  assertEquals(happened.at(-1), ["line", "end"]);
  const { waiting } = LiveCall.recovered(calls.call(id)!, calls.events(id));
  assertEquals(waiting, [{ kind: "end", by: "operator" }]);
});

Deno.test("a join that its line has carried out is not requested again after a restart", async () => {
  const carriedOut: NewRecordEvent[] = [
    { type: "screening_ended", actor: "us", data: { msg: "handed over" } },
    { type: "line_event", actor: "us", data: { type: JOINED } },
  ];
  for (const event of carriedOut) {
    const { ask, calls, id } = await asking();
    await calls.record(id, { type: "screening_ended", actor: "app", data: { msg: "over" } });
    if (event.type === "screening_ended") {
      await calls.record(id, { type: "screening_started", actor: "app", data: {} });
    }
    await ask(JOIN);
    assertEquals(LiveCall.recovered(calls.call(id)!, calls.events(id)).waiting, [JOIN]);
    await calls.record(id, event);
    assertEquals(LiveCall.recovered(calls.call(id)!, calls.events(id)).waiting, []);
  }
});

Deno.test("a join that waits for its line survives the app's own end of the screening", async () => {
  const { ask, calls, id } = await asking();
  await ask(JOIN);
  await calls.record(id, { type: "screening_ended", actor: "app", data: { msg: "over" } });
  assertEquals(LiveCall.recovered(calls.call(id)!, calls.events(id)).waiting, [JOIN]);
});

Deno.test("a screening that ended before a restart ends once", async () => {
  const { calls, id } = await asking();
  const over: NewRecordEvent = { type: "screening_ended", actor: "app", data: { msg: "over" } };
  await calls.record(id, { type: "screening_started", actor: "app", data: {} });
  const during = LiveCall.recovered(calls.call(id)!, calls.events(id));
  await calls.record(id, over);
  const after = LiveCall.recovered(calls.call(id)!, calls.events(id));
  assertEquals([during.screeningOver, during.admits(over)], [false, true]);
  assertEquals([after.screeningOver, after.admits(over)], [true, false]);
});

Deno.test("every request leaves its event in the record, except digits, which the line records", async () => {
  const { ask, calls, id } = await asking();
  await ask({ kind: "digits", digits: "1", durationMs: 100 }, { ...BOB, messageId: "a" });
  await ask({ kind: "interrupt" }, { ...BOB, messageId: "b" });
  await ask(JOIN, { ...BOB, messageId: "c" });
  assertEquals(calls.events(id).slice(1).map(({ type, data }) => [type, data] as unknown), [
    ["interrupted", {}],
    ["join_requested", { messageId: "c", number: "+15551230000" }],
  ]);
  assertEquals(calls.call(id)?.state, "handed_over");
});

Deno.test("a repeated message is answered again and acts once", async () => {
  const { ask, happened } = await asking();
  await ask(END);
  assertEquals(await ask(END), ACCEPTED);
  assertEquals(happened, ["end_requested", "accepted", ["line", "end"], "accepted"]);
});

Deno.test("a message repeated before its answer also acts once", async () => {
  const { ask, happened, store } = await asking();
  store.hold();
  const both = [ask(END), ask(END)];
  store.release();
  assertEquals(await Promise.all(both), [ACCEPTED, ACCEPTED]);
  assertEquals(happened.filter((what) => what === "end_requested").length, 1);
  assertEquals(happened.filter((what) => Array.isArray(what)).length, 1);
});

Deno.test("the same message id from another actor is a different message", async () => {
  const { ask, happened } = await asking();
  await ask(END);
  await ask(END, { actor: "user eve", messageId: "m1" });
  assertEquals(happened.filter((what) => Array.isArray(what)).length, 2);
});

Deno.test("an actor and an id never collide", async () => {
  const { ask, happened } = await asking();
  await ask(END, { actor: 'a","b', messageId: "c" });
  await ask(END, { actor: "a", messageId: 'b","c' });
  assertEquals(happened.filter((what) => Array.isArray(what)).length, 2);
});

Deno.test("a message id cannot be reused for another request", async () => {
  const { ask, happened } = await asking();
  await ask(JOIN);
  assertEquals(await ask(END), {
    accepted: false,
    why: 'Cannot take message m1 for "end": it has already asked for "join"',
  });
  assertEquals(happened.filter((what) => Array.isArray(what)), [["line", "join"]]);
});

Deno.test("a refusal by the line is returned with its text, and is not recorded", async () => {
  const { ask, happened } = await asking(() => "Cannot join this call: no bridge");
  assertEquals(await ask(JOIN), { accepted: false, why: "Cannot join this call: no bridge" });
  assertEquals(happened, ["refused"]);
});

Deno.test("a refused request can be repeated, and its id used for another request", async () => {
  let why: string | undefined = "not yet";
  const { ask } = await asking(() => why);
  assertEquals((await ask(JOIN)).accepted, false);
  assertEquals((await ask(END)).accepted, false);
  why = undefined;
  assertEquals(await ask(JOIN), ACCEPTED);
});

Deno.test("a request for a call that is over is refused", async () => {
  const { ask, calls, id, happened } = await asking();
  await calls.record(id, { type: "ended", actor: "line", data: { by: "caller", reason: "bye" } });
  happened.length = 0;
  assertEquals(await ask(JOIN), { accepted: false, why: `Cannot join call ${id}: it is over` });
  assertEquals(happened, ["refused"]);
});

Deno.test("a request for a call whose end is being recorded is refused", async () => {
  const { ask, calls, id, store } = await asking();
  store.hold();
  const ending = calls.record(id, {
    type: "ended",
    actor: "line",
    data: { by: "caller", reason: "bye" },
  });
  assertEquals((await ask(END)).accepted, false);
  store.release();
  await ending;
});

Deno.test("a request that cannot be recorded is refused, is not carried out, and can be repeated", async () => {
  const { ask, id, store, failures, happened } = await asking();
  const error = new Error("disk full");
  store.failNext(error);
  const why = `Cannot end call ${id}: it cannot be recorded`;
  assertEquals(await ask(END), { accepted: false, why });
  assertEquals([failures, happened], [[error], ["refused"]]);
  assertEquals(await ask(END), ACCEPTED);
});

Deno.test("requests made while the line is away wait for the next line, in order", async () => {
  const { ask, calls, id, attached, happened } = await asking();
  attached[Symbol.dispose]();
  assertEquals(calls.hasLine(id), false);
  assertEquals(await ask(JOIN), ACCEPTED);
  assertEquals(await ask(END, { ...BOB, messageId: "m2" }), ACCEPTED);
  assertEquals(happened.filter((what) => Array.isArray(what)), []);
  const told: Ask[] = [];
  const back = calls.attach(id, { refuses: () => undefined, ask: (what) => told.push(what) });
  assertEquals(told, [JOIN, END]);
  back[Symbol.dispose]();
  const third = calls.attach(id, { refuses: () => undefined, ask: (what) => told.push(what) });
  assertEquals(told.length, 2, "each is told once");
  third[Symbol.dispose]();
});

Deno.test("a line that was replaced removes nothing when it closes", async () => {
  const { ask, calls, id, attached, happened } = await asking();
  const told: Ask[] = [];
  calls.attach(id, { refuses: () => undefined, ask: (what) => told.push(what) });
  attached[Symbol.dispose]();
  assertEquals(calls.hasLine(id), true);
  await ask(END);
  assertEquals(told, [END]);
  assertEquals(happened, ["end_requested", "accepted"]);
});
