import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { CallEvent, NewCallEvent } from "../calls/call.ts";
import { aBook, SEED } from "./support/book.ts";

const ANSWERED: NewCallEvent = { type: "answered", actor: "us", data: {} };
const ENDED: NewCallEvent = { type: "ended", actor: "line", data: { by: "caller", reason: "bye" } };

function dtmf(digit: string): NewCallEvent {
  return { type: "dtmf", actor: "line", data: { digit, from: "caller" } };
}

Deno.test("CallBook.begin() opens a record whose first event is `started`", async () => {
  const { book, store } = aBook();
  const call = await book.begin(SEED);
  assertEquals(call.state, "ringing");
  assertEquals([call.from, call.to], ["0712345678", "5000"], "as received");
  assertEquals([call.fromE164, call.toE164], ["+254712345678", null]);
  assertEquals(call.lastSeq, 1);
  assertMatch(call.liveConversationToken, /^[\w-]{32}$/);
  const [started] = book.events(call.id);
  assertEquals(started, {
    type: "started",
    actor: "line",
    data: { direction: "inbound" },
    seq: 1,
    at: new Date("2026-11-21T08:00:00Z"),
  });
  assertEquals(store.kept.length, 2);
});

Deno.test("CallBook.begin() resolves only when the call is kept", async () => {
  const { book, store } = aBook();
  store.hold();
  let begun = false;
  const beginning = book.begin(SEED).then(() => begun = true);
  await Promise.resolve();
  assertEquals([begun, (await book.list({ limit: 9 })).length], [false, 0]);
  store.release();
  await beginning;
  assertEquals((await book.list({ limit: 9 })).length, 1);
});

Deno.test("CallBook.begin() rejects and knows nothing of a call that cannot be kept", async () => {
  const { book, store } = aBook();
  store.failNext(new Error("disk full"));
  await assertRejects(() => book.begin(SEED), Error, "disk full");
  assertEquals(await book.list({ limit: 9 }), []);
  assertEquals(book.byPlatformId("inbound", "session-1"), undefined);
});

Deno.test("CallBook.record() numbers events from 1 without gaps, and folds them into the call", async () => {
  const { book, clock } = aBook();
  const { id } = await book.begin(SEED);
  clock.nowMs += 5000;
  await Promise.all([ANSWERED, dtmf("1"), dtmf("2")].map((event) => book.record(id, event)));
  assertEquals(book.events(id).map(({ seq, type }) => [seq, type]), [
    [1, "started"],
    [2, "answered"],
    [3, "dtmf"],
    [4, "dtmf"],
  ]);
  const call = book.call(id)!;
  assertEquals([call.state, call.lastSeq], ["answered", 4]);
  assertEquals(call.answeredAt, new Date("2026-11-21T08:00:05Z"));
});

Deno.test("CallBook.record() tells followers after an event is kept, in order", async () => {
  const { book, store } = aBook();
  const { id } = await book.begin(SEED);
  const told: [string, string][] = [];
  using _following = book.follow(id, (event, call) => told.push([event.type, call.state]));
  store.hold();
  const recording = [ANSWERED, dtmf("1"), ENDED].map((event) => book.record(id, event));
  assertEquals(told, []);
  store.release();
  await Promise.all(recording);
  assertEquals(told, [["answered", "answered"], ["dtmf", "answered"], ["ended", "ended"]]);
});

Deno.test("CallBook.follow() hears what comes from now on, until it is disposed of", async () => {
  const { book } = aBook();
  const { id } = await book.begin(SEED);
  const [early, late]: CallEvent["type"][][] = [[], []];
  const following = book.follow(id, ({ type }) => early!.push(type));
  await book.record(id, ANSWERED);
  const second = book.follow(id, ({ type }) => late!.push(type));
  following[Symbol.dispose]();
  await book.record(id, ENDED);
  second[Symbol.dispose]();
  assertEquals([early, late], [["answered"], ["ended"]]);
});

Deno.test("a follower that throws is reported and harms neither the record nor the others", async () => {
  const { book, failures } = aBook();
  const { id } = await book.begin(SEED);
  const told: string[] = [];
  const boom = new Error("boom");
  using _bad = book.follow(id, () => {
    throw boom;
  });
  using _good = book.follow(id, ({ type }) => told.push(type));
  const recorded = await book.record(id, ANSWERED);
  assertEquals(recorded?.seq, 2);
  assertEquals([told, failures], [["answered"], [boom]]);
});

Deno.test("a follower may leave while it is told", async () => {
  const { book } = aBook();
  const { id } = await book.begin(SEED);
  const told: string[] = [];
  const first = book.follow(id, () => first[Symbol.dispose]());
  using _second = book.follow(id, ({ type }) => told.push(type));
  await book.record(id, ANSWERED);
  assertEquals(told, ["answered"]);
});

Deno.test("only the first `ended` counts, even of two that come at once", async () => {
  const { book } = aBook();
  const { id } = await book.begin(SEED);
  const lost: NewCallEvent = { type: "ended", actor: "line", data: { by: "lost", reason: "" } };
  const [first, second] = await Promise.all([book.record(id, ENDED), book.record(id, lost)]);
  assertEquals([first?.seq, second], [2, undefined]);
  assertEquals(book.call(id)?.endedBy, "caller");
  assertEquals(await book.record(id, lost), undefined);
});

Deno.test("an `ended` that could not be kept may be written again", async () => {
  const { book, store } = aBook();
  const { id } = await book.begin(SEED);
  store.failNext(new Error("disk full"));
  await assertRejects(() => book.record(id, ENDED), Error, "disk full");
  assertEquals(book.call(id)?.state, "ringing");
  assert(await book.record(id, ENDED));
  assertEquals(book.call(id)?.state, "ended");
});

Deno.test("a record goes on after its end: the CDR comes last", async () => {
  const { book } = aBook();
  const { id } = await book.begin(SEED);
  await book.record(id, ENDED);
  await book.record(id, { type: "note", actor: "us", data: { text: "late" } });
  assertEquals(book.events(id).map(({ type }) => type), ["started", "ended", "note"]);
});

Deno.test("CallBook finds a call by its id, its platform's id and its token, over or not", async () => {
  const { book } = aBook();
  const call = await book.begin(SEED);
  await book.record(call.id, ENDED);
  assertEquals(book.call(call.id)?.state, "ended");
  assertEquals(book.byPlatformId("inbound", "session-1")?.id, call.id);
  assertEquals(book.byPlatformId("jambonz", "session-1"), undefined, "another line");
  assertEquals(book.byToken(call.liveConversationToken)?.id, call.id);
  assertEquals([book.call("?"), book.byToken("?"), book.byPlatformId("inbound", "?")], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(book.events("?"), []);
});

Deno.test("CallBook finds the latest call of a platform's id, and lists the newest first", async () => {
  const { book } = aBook();
  const first = await book.begin(SEED);
  const second = await book.begin(SEED);
  assert(first.id !== second.id && first.liveConversationToken !== second.liveConversationToken);
  assertEquals(book.byPlatformId("inbound", "session-1")?.id, second.id);
  const ids = (await book.list({ limit: 9 })).map(({ id }) => id);
  assertEquals(ids, [second.id, first.id]);
});

Deno.test("CallBook has no line and no news of a call that is not on", () => {
  const { book } = aBook();
  assertEquals(book.hasLine("1b2c"), false);
  book.follow("1b2c", () => {})[Symbol.dispose]();
  assertThrows(
    () => book.attach("1b2c", { refuses: () => undefined, ask() {} }),
    Error,
    "Cannot open the record of call 1b2c: it is over",
  );
});

const SCREENING: NewCallEvent = { type: "screening_started", actor: "app", data: {} };
const SCREENED: NewCallEvent = { type: "screening_ended", actor: "app", data: { msg: "over" } };

Deno.test("CallBook.record() ends a screening once, until the next one begins", async () => {
  const { book, store } = aBook();
  const { id } = await book.begin(SEED);
  store.hold();
  // The second comes while the first is being written.
  const written = [SCREENING, SCREENED, SCREENED].map((event) => book.record(id, event));
  store.release();
  assertEquals((await Promise.all(written)).map((event) => event?.type), [
    "screening_started",
    "screening_ended",
    undefined,
  ]);
  assertEquals(await book.record(id, SCREENED), undefined);
  for (const event of [SCREENING, SCREENED]) assert(await book.record(id, event) !== undefined);
  const types = book.events(id).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "screening_ended").length, 2);
});

Deno.test("CallBook.record() takes a screening's end again that could not be kept", async () => {
  const { book, store } = aBook();
  const { id } = await book.begin(SEED);
  store.failNext(new Error("disk full"));
  await assertRejects(() => book.record(id, SCREENED), Error, "disk full");
  assert(await book.record(id, SCREENED) !== undefined);
  assertEquals(await book.record(id, SCREENED), undefined);
});

Deno.test("CallBook.record() ends no screening of a call that is handed over a second time", async () => {
  const { book } = aBook();
  const { id } = await book.begin(SEED);
  const data = { messageId: "m", number: null };
  for (
    const event of [SCREENED, { type: "join_requested", actor: "a", data }, SCREENING] as const
  ) {
    await book.record(id, event);
  }
  assertEquals(await book.record(id, SCREENED), undefined);
});
