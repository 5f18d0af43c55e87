import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { NewRecordEvent, RecordEvent } from "../../calls/call_record.ts";
import { SEED, testCalls } from "../support/calls.ts";

const ANSWERED: NewRecordEvent = { type: "answered", actor: "us", data: {} };
const ENDED: NewRecordEvent = {
  type: "ended",
  actor: "line",
  data: { by: "caller", reason: "bye" },
};

function dtmf(digit: string): NewRecordEvent {
  return { type: "dtmf", actor: "line", data: { digit, from: "caller" } };
}

Deno.test("Calls.begin() opens a record whose first event is `started`", async () => {
  const { calls, store } = testCalls();
  const call = await calls.begin(SEED);
  assertEquals(call.state, "ringing");
  assertEquals([call.from, call.to], ["0712345678", "5000"], "as received");
  assertEquals([call.fromE164, call.toE164], ["+254712345678", null]);
  assertEquals(call.lastSeq, 1);
  assertMatch(call.liveConversationToken, /^[\w-]{32}$/);
  const [started] = calls.events(call.id);
  assertEquals(started, {
    type: "started",
    actor: "line",
    data: { direction: "inbound" },
    seq: 1,
    at: new Date("2026-11-21T08:00:00Z"),
  });
  assertEquals(store.kept.length, 2);
});

Deno.test("Calls.begin() assigns ids in order of time", async () => {
  const { calls, clock } = testCalls();
  const ids: string[] = [];
  for (const platformId of ["a", "b", "c"]) {
    ids.push((await calls.begin({ ...SEED, platformId })).id);
    clock.nowMs++;
  }
  for (const id of ids) {
    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assertEquals(ids, ids.toSorted());
});

Deno.test("Calls.begin() resolves only when the call is on disk", async () => {
  const { calls, store } = testCalls();
  store.hold();
  let begun = false;
  const beginning = calls.begin(SEED).then(() => begun = true);
  await Promise.resolve();
  assertEquals([begun, store.kept.length], [false, 0]);
  store.release();
  await beginning;
  assertEquals(store.kept.length, 2, "the call and its first event");
});

Deno.test("Calls.begin() rejects and keeps nothing of a call that cannot be written", async () => {
  const { calls, store } = testCalls();
  store.failNext(new Error("disk full"));
  await assertRejects(() => calls.begin(SEED), Error, "disk full");
  assertEquals([store.kept, calls.live], [[], []]);
  assertEquals(calls.byPlatformId("inbound", "session-1"), undefined);
});

Deno.test("Calls.record() numbers events from 1 without gaps, and folds them into the call", async () => {
  const { calls, clock } = testCalls();
  const { id } = await calls.begin(SEED);
  clock.nowMs += 5000;
  await Promise.all([ANSWERED, dtmf("1"), dtmf("2")].map((event) => calls.record(id, event)));
  assertEquals(calls.events(id).map(({ seq, type }) => [seq, type]), [
    [1, "started"],
    [2, "answered"],
    [3, "dtmf"],
    [4, "dtmf"],
  ]);
  const call = calls.call(id)!;
  assertEquals([call.state, call.lastSeq], ["answered", 4]);
  assertEquals(call.answeredAt, new Date("2026-11-21T08:00:05Z"));
});

Deno.test("Calls.record() notifies followers once an event is on disk, in order", async () => {
  const { calls, store } = testCalls();
  const { id } = await calls.begin(SEED);
  const told: [string, string][] = [];
  using _following = calls.follow(id, (event, call) => told.push([event.type, call.state]));
  store.hold();
  const recording = [ANSWERED, dtmf("1"), ENDED].map((event) => calls.record(id, event));
  assertEquals(told, []);
  store.release();
  await Promise.all(recording);
  assertEquals(told, [["answered", "answered"], ["dtmf", "answered"], ["ended", "ended"]]);
});

Deno.test("Calls.follow() receives new events until it is disposed of", async () => {
  const { calls } = testCalls();
  const { id } = await calls.begin(SEED);
  const [early, late]: RecordEvent["type"][][] = [[], []];
  const following = calls.follow(id, ({ type }) => early!.push(type));
  await calls.record(id, ANSWERED);
  const second = calls.follow(id, ({ type }) => late!.push(type));
  following[Symbol.dispose]();
  await calls.record(id, ENDED);
  second[Symbol.dispose]();
  assertEquals([early, late], [["answered"], ["ended"]]);
});

Deno.test("a follower that throws is reported, and harms neither the record nor other followers", async () => {
  const { calls, failures } = testCalls();
  const { id } = await calls.begin(SEED);
  const told: string[] = [];
  const boom = new Error("boom");
  using _bad = calls.follow(id, () => {
    throw boom;
  });
  using _good = calls.follow(id, ({ type }) => told.push(type));
  const recorded = await calls.record(id, ANSWERED);
  assertEquals(recorded?.seq, 2);
  assertEquals([told, failures], [["answered"], [boom]]);
});

Deno.test("a follower may leave while it is notified", async () => {
  const { calls } = testCalls();
  const { id } = await calls.begin(SEED);
  const told: string[] = [];
  const first = calls.follow(id, () => first[Symbol.dispose]());
  using _second = calls.follow(id, ({ type }) => told.push(type));
  await calls.record(id, ANSWERED);
  assertEquals(told, ["answered"]);
});

Deno.test("only the first `ended` counts, even of two at once", async () => {
  const { calls } = testCalls();
  const { id } = await calls.begin(SEED);
  const lost: NewRecordEvent = { type: "ended", actor: "line", data: { by: "lost", reason: "" } };
  const [first, second] = await Promise.all([calls.record(id, ENDED), calls.record(id, lost)]);
  assertEquals([first?.seq, second], [2, undefined]);
  assertEquals(calls.call(id)?.endedBy, "caller");
  assertEquals(await calls.record(id, lost), undefined);
});

Deno.test("an `ended` that failed to be written can be written again", async () => {
  const { calls, store } = testCalls();
  const { id } = await calls.begin(SEED);
  store.failNext(new Error("disk full"));
  await assertRejects(() => calls.record(id, ENDED), Error, "disk full");
  assertEquals(calls.call(id)?.state, "ringing");
  assert(await calls.record(id, ENDED));
  assertEquals(calls.call(id)?.state, "ended");
});

Deno.test("a record continues after its end: the CDR comes last", async () => {
  const { calls } = testCalls();
  const { id } = await calls.begin(SEED);
  await calls.record(id, ENDED);
  await calls.record(id, { type: "note", actor: "us", data: { text: "late" } });
  assertEquals(calls.events(id).map(({ type }) => type), ["started", "ended", "note"]);
});

Deno.test("Calls finds a call by its id, its platform's id and its token, over or not", async () => {
  const { calls } = testCalls();
  const call = await calls.begin(SEED);
  await calls.record(call.id, ENDED);
  assertEquals(calls.call(call.id)?.state, "ended");
  assertEquals(calls.byPlatformId("inbound", "session-1")?.id, call.id);
  assertEquals(calls.byPlatformId("jambonz", "session-1"), undefined, "another line");
  assertEquals(calls.byToken(call.liveConversationToken)?.id, call.id);
  assertEquals([calls.call("?"), calls.byToken("?"), calls.byPlatformId("inbound", "?")], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(calls.events("?"), []);
});

Deno.test("Calls finds the latest call of a platform's id, and each by its own", async () => {
  const { calls } = testCalls();
  const first = await calls.begin(SEED);
  const second = await calls.begin(SEED);
  assert(first.id !== second.id && first.liveConversationToken !== second.liveConversationToken);
  assertEquals(calls.byPlatformId("inbound", "session-1")?.id, second.id);
  assertEquals((await calls.find(first.id))?.id, first.id);
});

Deno.test("Calls has no line and no followers for a call that is over", () => {
  const { calls } = testCalls();
  assertEquals(calls.hasLine("1b2c"), false);
  calls.follow("1b2c", () => {})[Symbol.dispose]();
  assertThrows(
    () => calls.attach("1b2c", { refuses: () => undefined, ask() {} }),
    Error,
    "Cannot open the record of call 1b2c: it is over",
  );
});

const SCREENING: NewRecordEvent = { type: "screening_started", actor: "app", data: {} };
const SCREENED: NewRecordEvent = { type: "screening_ended", actor: "app", data: { msg: "over" } };

Deno.test("Calls.record() ends a screening once, until the next one begins", async () => {
  const { calls, store } = testCalls();
  const { id } = await calls.begin(SEED);
  store.hold();
  // The second comes while the first is being written.
  const written = [SCREENING, SCREENED, SCREENED].map((event) => calls.record(id, event));
  store.release();
  assertEquals((await Promise.all(written)).map((event) => event?.type), [
    "screening_started",
    "screening_ended",
    undefined,
  ]);
  assertEquals(await calls.record(id, SCREENED), undefined);
  for (const event of [SCREENING, SCREENED]) assert(await calls.record(id, event) !== undefined);
  const types = calls.events(id).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "screening_ended").length, 2);
});

Deno.test("Calls.record() accepts a screening's end again if it could not be written", async () => {
  const { calls, store } = testCalls();
  const { id } = await calls.begin(SEED);
  store.failNext(new Error("disk full"));
  await assertRejects(() => calls.record(id, SCREENED), Error, "disk full");
  assert(await calls.record(id, SCREENED) !== undefined);
  assertEquals(await calls.record(id, SCREENED), undefined);
});

Deno.test("Calls.record() does not end a screening when a call is handed over again", async () => {
  const { calls } = testCalls();
  const { id } = await calls.begin(SEED);
  const data = { messageId: "m", number: null };
  for (
    const event of [SCREENED, { type: "join_requested", actor: "a", data }, SCREENING] as const
  ) {
    await calls.record(id, event);
  }
  assertEquals(await calls.record(id, SCREENED), undefined);
});
