import { assertEquals } from "@std/assert";
import { CallWriter } from "../../calls/writer.ts";
import { Reconnects, writeCdr } from "../../calls/reconnects.ts";
import { SEED, testCalls } from "../support/calls.ts";
import { FakeClock } from "../support/fake_clock.ts";

const WAIT_MS = 1000;
const LINE = { refuses: () => undefined, ask: () => {} };

/** A jambonz call whose socket is lost, and its deadline. */
async function lostCall() {
  const { calls, clock, failures, store } = testCalls();
  const stopping = new AbortController();
  const call = await calls.begin({ ...SEED, line: "jambonz" });
  const writer = new CallWriter(calls, (error) => failures.push(error), stopping.signal);
  writer.resume(call);
  const reconnects = new Reconnects({
    calls,
    waitMs: WAIT_MS,
    now: () => new Date(clock.nowMs),
    stopping: stopping.signal,
  });
  const types = async () => (await store.events(call.id, 0)).map(({ type }) => type);
  return { calls, call, writer, reconnects, stopping, types };
}

Deno.test("reconnects: a call that does not come back ends as lost, with our own CDR", async () => {
  using time = new FakeClock();
  const { call, writer, reconnects, types } = await lostCall();
  reconnects.expect(call, writer);
  time.advance(WAIT_MS - 1);
  await writer.settled;
  assertEquals(await types(), ["started"]);
  time.advance(1);
  await writer.settled;
  assertEquals(await types(), ["started", "ended", "cdr"]);
});

Deno.test("reconnects: a call that is lost again gets the full time again, with one timer", async () => {
  using time = new FakeClock();
  const { call, writer, reconnects, types } = await lostCall();
  reconnects.expect(call, writer);
  time.advance(WAIT_MS - 1);
  reconnects.expect(call, writer);
  assertEquals(time.running, 1);
  time.advance(WAIT_MS - 1);
  await writer.settled;
  assertEquals(await types(), ["started"]);
  reconnects.back(call);
  assertEquals(time.running, 0);
});

Deno.test("reconnects: a call that has a line at its deadline continues", async () => {
  using time = new FakeClock();
  const { calls, call, writer, reconnects, types } = await lostCall();
  // Its new socket came before the loss of the old one was noticed.
  using _attached = calls.attach(call.id, LINE);
  reconnects.expect(call, writer);
  time.advance(WAIT_MS);
  await writer.settled;
  assertEquals(await types(), ["started"]);
});

Deno.test("reconnects: a call that is back before its CDR is written gets none", async () => {
  const { calls, call, writer, types } = await lostCall();
  writer.write(() => ({ type: "ended", actor: "line", data: { by: "lost", reason: "too late" } }));
  await writer.settled;
  await calls.record(call.id, { type: "line_back", actor: "line", data: { state: "answered" } });
  writeCdr(writer, () => new Date());
  await writer.settled;
  assertEquals(await types(), ["started", "ended", "line_back"]);
});

Deno.test("reconnects: no call is awaited once the server stops", async () => {
  using time = new FakeClock();
  const { call, writer, reconnects, stopping } = await lostCall();
  reconnects.expect(call, writer);
  stopping.abort();
  assertEquals(time.running, 0);
  reconnects.expect(call, writer);
  assertEquals(time.running, 0);
});
