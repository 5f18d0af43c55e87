import { assertEquals } from "@std/assert";
import {
  CALL_EVENT_DATA,
  CALL_MOVES,
  type CallRecord,
  CallState as States,
  type NewRecordEvent,
  type RecordEvent,
} from "../../calls/call_record.ts";
import { madeUpCdr } from "../../calls/cdr.ts";
import { fold } from "../../calls/fold.ts";
import { aCall, anEvent } from "../support/worlds.ts";

const CDR = madeUpCdr(aCall(), new Date("2026-11-21T08:01:00Z"));

/** One event of every type. */
const EVENTS: NewRecordEvent[] = [
  { type: "started", actor: "line", data: { direction: "inbound" } },
  { type: "answered", actor: "us", data: {} },
  { type: "dtmf", actor: "line", data: { digit: "1", from: "caller" } },
  { type: "transcript", actor: "us", data: { msg: "Hello", role: "assistant" } },
  { type: "remembered", actor: "app", data: { memory: { step: 2 } } },
  { type: "screening_started", actor: "us", data: {} },
  { type: "screening_ended", actor: "us", data: { msg: "over to you" } },
  { type: "watched", actor: "user 7", data: { userId: "7", productVersion: null } },
  { type: "join_requested", actor: "user 7", data: { messageId: "m1", number: null } },
  { type: "end_requested", actor: "user 7", data: { messageId: "m1" } },
  { type: "interrupted", actor: "us", data: {} },
  { type: "line_lost", actor: "line", data: { code: 1006 } },
  { type: "line_back", actor: "line", data: {} },
  { type: "line_event", actor: "line", data: { type: "leg" } },
  { type: "note", actor: "us", data: { text: "hm" } },
  { type: "recording_started", actor: "app", data: {} },
  {
    type: "recording_ended",
    actor: "us",
    data: { durationMs: 1000, bytes: 32_044, reason: "the call ended" },
  },
  { type: "ended", actor: "line", data: { by: "caller", reason: "bye" } },
  { type: "cdr", actor: "us", data: { cdr: CDR } },
];

function folded(call: CallRecord, ...types: RecordEvent["type"][]): CallRecord {
  const events = types.map((type) => EVENTS.find((event) => event.type === type)!);
  return events.reduce((now, event) => fold(now, anEvent(now.lastSeq + 1, event)), call);
}

Deno.test("EVENTS has an example of every type of event, with the data of its type", () => {
  assertEquals(EVENTS.map(({ type }) => type).sort(), Object.keys(CALL_EVENT_DATA).sort());
  for (const { type, data } of EVENTS) {
    assertEquals(CALL_EVENT_DATA[type].parse(data), data as unknown);
  }
});

Deno.test("fold() follows an ordinary call from ringing to its CDR", () => {
  const call = folded(aCall(), "started", "answered", "dtmf", "ended", "cdr");
  assertEquals(call, {
    ...aCall(),
    state: "ended",
    answeredAt: new Date("2026-11-21T08:00:02Z"),
    endedAt: new Date("2026-11-21T08:00:04Z"),
    endedBy: "caller",
    cdr: CDR,
    lastSeq: 5,
  });
});

Deno.test("fold() keeps the first answer time", () => {
  const call = folded(aCall(), "answered", "answered");
  assertEquals(call.answeredAt, new Date("2026-11-21T08:00:01Z"));
});

Deno.test("fold() ends the screening only if there is one", () => {
  assertEquals(folded(aCall({ state: "screening" }), "screening_ended").state, "answered");
  assertEquals(folded(aCall(), "screening_ended").state, "ringing");
  assertEquals(folded(aCall(), "join_requested", "screening_ended").state, "handed_over");
});

Deno.test("fold() makes no moves after the end, and keeps counting", () => {
  const ended = folded(aCall(), "ended");
  for (const { type } of EVENTS) {
    const after = folded(ended, type);
    assertEquals([after.state, after.lastSeq], ["ended", 2], type);
  }
});

Deno.test("fold() accepts a platform's CDR of a call whose end is not written, but not our own", () => {
  const cdrs = [{ ...CDR, madeByUs: false }, CDR];
  const after = cdrs.map((cdr) =>
    fold(aCall(), anEvent(1, { type: "cdr", actor: "line", data: { cdr } }))
  );
  assertEquals(after.map(({ cdr }) => cdr), [cdrs[0], null]);
});

Deno.test("fold() makes only moves of CALL_MOVES, and every one that an event can cause", () => {
  const walked = new Set<string>();
  for (const state of States.options) {
    for (const { type } of EVENTS) {
      const { state: to } = folded(aCall({ state }), type);
      if (to !== state) walked.add(`${state} -> ${to}`);
    }
  }
  const all = Object.entries(CALL_MOVES).flatMap(([from, row]) =>
    row.map((to) => `${from} -> ${to}`)
  );
  assertEquals([...walked].sort(), all.sort());
});
