import { assertEquals } from "@std/assert";
import { Cdr } from "../../calls/call_record.ts";
import { madeUpCdr, normalCdr } from "../../calls/cdr.ts";
import { EMPTY_CDR } from "../support/empty_cdr.ts";
import { aCall } from "../support/worlds.ts";

Deno.test("normalCdr() accepts the document's CDR", () => {
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
    unread: [],
  });
});

Deno.test("normalCdr() accepts an empty CDR, and one full of nulls", () => {
  assertEquals(normalCdr({}), EMPTY_CDR);
  const nulls = Object.fromEntries(Object.keys(EMPTY_CDR).map((key) => [key, null]));
  assertEquals(normalCdr(nulls), EMPTY_CDR);
});

Deno.test("normalCdr() accepts numbers as numbers or as text", () => {
  for (const value of [16, "16", " 16 ", 16.0]) {
    assertEquals(normalCdr({ hangupCauseCode: value }).hangupCauseCode, 16);
    assertEquals(normalCdr({ duration: value }).durationSeconds, 16);
  }
  assertEquals(normalCdr({ duration: "12.5" }).durationSeconds, 12.5);
  assertEquals(normalCdr({ sessionId: 7 }).sessionId, "7");
});

Deno.test("normalCdr() omits invalid numbers, and names their fields", () => {
  const unread = ["duration", "billableSeconds", "hangupCauseCode"];
  for (const value of ["many", -1, "-1", NaN, Infinity, "Infinity", {}, [16], true]) {
    const cdr = normalCdr({ hangupCauseCode: value, duration: value, billableSeconds: value });
    assertEquals(cdr, { ...EMPTY_CDR, unread }, String(value));
  }
  for (const value of ["", " ", null, undefined]) {
    const cdr = normalCdr({ hangupCauseCode: value, duration: value, billableSeconds: value });
    assertEquals(cdr, EMPTY_CDR, "nothing is there to be read");
  }
});

Deno.test("normalCdr() reads a number where text is expected, and nothing else but text", () => {
  assertEquals(normalCdr({ source: 628111 }).source, "628111");
  assertEquals(normalCdr({ destination: 5000.0 }).destination, "5000");
  for (const value of [{}, [], ["1"], true, Infinity]) {
    const words = {
      sessionId: value,
      source: value,
      destination: value,
      disposition: value,
      hangupBy: value,
      hangupCauseText: value,
    };
    assertEquals(normalCdr(words), { ...EMPTY_CDR, unread: Object.keys(words) });
  }
});

Deno.test("normalCdr() reads times as ISO 8601 and as epochs in s and ms, numbers or text", () => {
  const start = "2026-11-21T08:00:00.000Z";
  const ms = Date.parse(start);
  const spellings = [
    start,
    "2026-11-21T11:00:00+03:00",
    "Sat, 21 Nov 2026 08:00:00 GMT",
    ms,
    String(ms),
    ms / 1000,
    String(ms / 1000),
    ` ${ms / 1000} `,
    `${ms / 1000}.000`,
  ];
  for (const startTime of spellings) {
    assertEquals(normalCdr({ startTime }).startTime, start, String(startTime));
  }
  assertEquals(normalCdr({ endTime: ms / 1000 + 0.25 }).endTime, "2026-11-21T08:00:00.250Z");
});

Deno.test("normalCdr() reads a time of 0 as no time, and no number as a time without a call", () => {
  assertEquals(normalCdr({ answerTime: 0, endTime: "0" }), EMPTY_CDR);
  for (const startTime of [12, "5000", -1, 1e15, 1e300, "16", Infinity]) {
    assertEquals(normalCdr({ startTime }), { ...EMPTY_CDR, unread: ["startTime"] }, `${startTime}`);
  }
});

Deno.test("normalCdr() omits a cause code that is not an integer", () => {
  for (const value of [16.5, "16.5", 1e300]) {
    assertEquals(normalCdr({ hangupCauseCode: value }).hangupCauseCode, null);
  }
});

Deno.test("normalCdr() accepts the dispositions and sides in any spelling, and no others", () => {
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

Deno.test("normalCdr() omits a time that it cannot read, and names it", () => {
  for (const startTime of ["yesterday", "abc 1", "room 2001", { at: 1 }, true]) {
    assertEquals(normalCdr({ startTime }), { ...EMPTY_CDR, unread: ["startTime"] });
  }
  assertEquals(normalCdr({ startTime: "" }), EMPTY_CDR);
});

Deno.test("normalCdr() returns the normal form for any input", () => {
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

Deno.test("madeUpCdr() is built from the record, and marked as ours", () => {
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
    unread: [],
  });
});

Deno.test("madeUpCdr() bills nothing for a call that was never answered", () => {
  const cdr = madeUpCdr(aCall({ endedAt: END, endedBy: "us" }), new Date());
  assertEquals([cdr.answerTime, cdr.billableSeconds, cdr.disposition], [null, 0, "NO ANSWER"]);
});

Deno.test("madeUpCdr() says who hung up, and gives a lost line as the cause", () => {
  const sides = [
    ["caller", "CALLER", 16],
    ["callee", "CALLEE", 16],
    ["us", "CALLEE", 16],
    ["watcher", "CALLEE", 16],
    ["operator", "CALLEE", 16],
    ["lost", null, 38],
    [null, null, 16],
  ] as const;
  for (const [endedBy, hangupBy, cause] of sides) {
    const cdr = madeUpCdr(aCall({ endedBy, endedAt: END }), START);
    assertEquals([cdr.hangupBy, cdr.hangupCauseCode], [hangupBy, cause]);
  }
});

Deno.test("madeUpCdr() uses now for a missing end of the call, and no negative durations", () => {
  assertEquals(madeUpCdr(aCall(), ANSWER).durationSeconds, 5);
  const backwards = aCall({ startedAt: END, answeredAt: END });
  assertEquals(madeUpCdr(backwards, START).durationSeconds, 0);
  assertEquals(madeUpCdr(backwards, START).billableSeconds, 0);
});
