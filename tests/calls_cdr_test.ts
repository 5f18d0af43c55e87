import { assertEquals } from "@std/assert";
import { Cdr } from "../calls/call.ts";
import { madeUpCdr, normalCdr } from "../calls/cdr.ts";
import { aCall } from "./support/worlds.ts";

const NOTHING: Cdr = {
  sessionId: null,
  source: null,
  destination: null,
  startTime: null,
  answerTime: null,
  endTime: null,
  durationSeconds: null,
  billableSeconds: null,
  disposition: null,
  hangupBy: null,
  hangupCauseCode: null,
  hangupCauseText: null,
  madeByUs: false,
};

Deno.test("normalCdr() takes the document's CDR", () => {
  const received = {
    event: "cdr",
    sessionId: "session-1",
    source: "+254712345678",
    destination: "5000",
    startTime: "2026-11-21T08:00:00.000Z",
    answerTime: "2026-11-21T08:00:02+00:00",
    endTime: "2026-11-21T11:00:12+03:00",
    duration: 12,
    billableSeconds: 10,
    disposition: "ANSWERED",
    hangupBy: "CALLEE",
    hangupCauseCode: "16",
    hangupCauseText: "Normal clearing",
  };
  assertEquals(normalCdr(received), {
    sessionId: "session-1",
    source: "+254712345678",
    destination: "5000",
    startTime: "2026-11-21T08:00:00.000Z",
    answerTime: "2026-11-21T08:00:02.000Z",
    endTime: "2026-11-21T08:00:12.000Z",
    durationSeconds: 12,
    billableSeconds: 10,
    disposition: "ANSWERED",
    hangupBy: "CALLEE",
    hangupCauseCode: 16,
    hangupCauseText: "Normal clearing",
    madeByUs: false,
  });
});

Deno.test("normalCdr() takes an empty CDR, and one full of nulls", () => {
  assertEquals(normalCdr({}), NOTHING);
  const nulls = Object.fromEntries(Object.keys(NOTHING).map((key) => [key, null]));
  assertEquals(normalCdr(nulls), NOTHING);
});

Deno.test("normalCdr() takes numbers as numbers or as text", () => {
  for (const value of [16, "16", " 16 ", 16.0]) {
    assertEquals(normalCdr({ hangupCauseCode: value }).hangupCauseCode, 16);
    assertEquals(normalCdr({ duration: value }).durationSeconds, 16);
  }
  assertEquals(normalCdr({ duration: "12.5" }).durationSeconds, 12.5);
  assertEquals(normalCdr({ sessionId: 7 }).sessionId, "7");
});

Deno.test("normalCdr() leaves out numbers that are none", () => {
  for (const value of ["", " ", "many", -1, "-1", NaN, Infinity, "Infinity", {}, [16], true]) {
    const cdr = normalCdr({ hangupCauseCode: value, duration: value, billableSeconds: value });
    assertEquals(cdr, NOTHING, String(value));
  }
});

Deno.test("normalCdr() leaves out a cause code that is no whole number", () => {
  for (const value of [16.5, "16.5", 1e300]) {
    assertEquals(normalCdr({ hangupCauseCode: value }).hangupCauseCode, null);
  }
});

Deno.test("normalCdr() knows the dispositions and sides in any spelling, and no others", () => {
  const spellings = [
    ["ANSWERED", "ANSWERED"],
    ["answered", "ANSWERED"],
    ["NO ANSWER", "NO ANSWER"],
    ["no_answer", "NO ANSWER"],
    ["Busy", "BUSY"],
    ["FAILED", "FAILED"],
    ["cancel", "CANCEL"],
    ["eaten by the dog", null],
    ["", null],
    [7, null],
  ] as const;
  for (const [disposition, normal] of spellings) {
    assertEquals(normalCdr({ disposition }).disposition, normal);
  }
  for (const [hangupBy, normal] of [["caller", "CALLER"], ["CALLEE", "CALLEE"], ["dog", null]]) {
    assertEquals(normalCdr({ hangupBy }).hangupBy, normal as Cdr["hangupBy"]);
  }
});

Deno.test("normalCdr() keeps a time that it cannot read as it is written", () => {
  assertEquals(normalCdr({ startTime: "yesterday" }).startTime, "yesterday");
  assertEquals(normalCdr({ startTime: "" }).startTime, null);
  assertEquals(normalCdr({ startTime: { at: 1 } }).startTime, null);
});

Deno.test("normalCdr() always has the normal form, whatever comes", () => {
  const values = [null, undefined, "", "x", 0, -1, 16.5, 1e400, {}, [], true, 10n];
  const keys = [
    "sessionId",
    "startTime",
    "duration",
    "billableSeconds",
    "disposition",
    "hangupBy",
    "hangupCauseCode",
    "hangupCauseText",
  ];
  for (const value of values) {
    const cdr = normalCdr(Object.fromEntries(keys.map((key) => [key, value])));
    assertEquals(Cdr.parse(cdr), cdr);
  }
});

const START = new Date("2026-11-21T08:00:00Z");
const ANSWER = new Date("2026-11-21T08:00:05Z");
const END = new Date("2026-11-21T08:00:15.400Z");

Deno.test("madeUpCdr() is made from the record, and marked as ours", () => {
  const call = aCall({ state: "ended", answeredAt: ANSWER, endedAt: END, endedBy: "caller" });
  assertEquals(madeUpCdr(call, new Date()), {
    sessionId: "session-1",
    source: "0712345678",
    destination: "5000",
    startTime: "2026-11-21T08:00:00.000Z",
    answerTime: "2026-11-21T08:00:05.000Z",
    endTime: "2026-11-21T08:00:15.400Z",
    durationSeconds: 15,
    billableSeconds: 10,
    disposition: "ANSWERED",
    hangupBy: "CALLER",
    hangupCauseCode: 16,
    hangupCauseText: "Normal clearing",
    madeByUs: true,
  });
});

Deno.test("madeUpCdr() bills nothing for a call that was never answered", () => {
  const cdr = madeUpCdr(aCall({ endedAt: END, endedBy: "us" }), new Date());
  assertEquals([cdr.answerTime, cdr.billableSeconds, cdr.disposition], [null, 0, "NO ANSWER"]);
});

Deno.test("madeUpCdr() says who hung up, and names a lost line by its cause", () => {
  const sides = [
    ["caller", "CALLER", 16],
    ["callee", "CALLEE", 16],
    ["us", "CALLEE", 16],
    ["watcher", "CALLEE", 16],
    ["lost", null, 38],
    [null, null, 16],
  ] as const;
  for (const [endedBy, hangupBy, cause] of sides) {
    const cdr = madeUpCdr(aCall({ endedBy, endedAt: END }), START);
    assertEquals([cdr.hangupBy, cdr.hangupCauseCode], [hangupBy, cause]);
  }
});

Deno.test("madeUpCdr() takes now for the end of a call without one, and no time below zero", () => {
  assertEquals(madeUpCdr(aCall(), ANSWER).durationSeconds, 5);
  const backwards = aCall({ startedAt: END, answeredAt: END });
  assertEquals(madeUpCdr(backwards, START).durationSeconds, 0);
  assertEquals(madeUpCdr(backwards, START).billableSeconds, 0);
});
