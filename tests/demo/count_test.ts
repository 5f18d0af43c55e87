/** The count of the demo finds lost, duplicated and unknown items. */
import { assertEquals } from "@std/assert";
import { balance, type Ledger, verdict } from "../../demo/count.ts";
import {
  dealLedger,
  partyLedger,
  platformLedger,
  promised,
  transcriptLedger,
  watcherLedger,
  type WatcherMessage,
} from "../../demo/ledgers.ts";
import type {
  DemoRecord,
  RecordedCall,
  RecordedChange,
  RecordedEvent,
} from "../../demo/record_reader.ts";
import type { HeardUpdate } from "../../simulators/people/party.ts";

const AT = "2026-11-21T08:00:00.500Z";
const BUYER = "+254712345678";
const SELLER = "+254787654321";
const CONTRACT = "GP-261121-3FA9C1";

const EVENTS: RecordedEvent[] = ([
  ["started", "line", { direction: "inbound" }],
  ["answered", "us", {}],
  ["transcript", "us", { msg: "Press 1", role: "assistant" }],
  ["transcript", "local", { msg: "Hm", role: "other", offset: 1200 }],
  ["dtmf", "line", { digit: "1", from: "caller" }],
  ["note", "app", { text: "contract opened", contract_id: CONTRACT }],
  ["ended", "us", { endedBy: "us", reason: "the app hung up" }],
  ["cdr", "line", { cdr: {}, received: { event: "cdr", sessionId: "act-1" } }],
] as const).map(([type, actor, data], index) => ({ seq: index + 1, at: AT, type, actor, data }));

const CALL: RecordedCall = {
  id: "c1",
  line: "jambonz",
  platformId: "act-1",
  from: BUYER,
  fromE164: BUYER,
  events: EVENTS,
};

/** The messages to a watcher of that call, by the live calls document. */
const HEARD: WatcherMessage[] = [
  { type: "event:start", phone: BUYER, timestamp: AT, seq: 1 },
  { type: "transcript", msg: "Press 1", role: "assistant", seq: 3 },
  { type: "transcript", msg: "Hm", role: "other", offset: 1200, seq: 4 },
  { type: "event:callEnd", timestamp: AT, seq: 7 },
];

const CHANGES: RecordedChange[] = [
  news(8, "contract_created", CONTRACT, { status: "pending" }),
  news(9, "payment_changed", CONTRACT, { status: "pending", amount: 150.5 }),
  news(10, "contract_signed", CONTRACT, { status: "confirmed", signed_by: SELLER }),
  news(11, "contract_changed", CONTRACT, { status: "confirmed" }),
  news(12, "contract_changed", "GP-261121-000000", { status: "confirmed" }),
  news(13, "payment_changed", CONTRACT, { status: "locked", amount: 150.5 }),
];

const RECORD: DemoRecord = {
  calls: [CALL],
  contracts: [{
    contract_id: CONTRACT,
    parties: [{ phone_number: BUYER }, { phone_number: SELLER }],
    signedBy: [BUYER, SELLER],
    payments: [{ payment_id: "PY-1" }],
  }],
  changes: CHANGES,
};

/** The messages to a party of that contract, by the notifications document. */
const UPDATES: HeardUpdate[] = [
  update({ type: "payment_update", status: "pending", amount: 150.5, event_id: 9 }),
  update({ type: "contract_update", status: "confirmed", event_id: 11 }),
  update({ type: "payment_update", status: "locked", amount: 150.5, event_id: 13 }),
];

Deno.test("balance() reports nothing when everything arrived once, in any order", () => {
  const due = [{ key: "a" }, { key: "b", says: { x: 1, y: [2] } }];
  const found = [{ key: "b", says: { y: [2], x: 1 } }, { key: "a" }];
  assertEquals(balance({ who: "w", due, found }), {
    who: "w",
    due: 2,
    lost: [],
    duplicated: [],
    unknown: [],
  });
});

Deno.test("balance() reports what was lost, duplicated or never due", () => {
  const [a, b, c] = [{ key: "a" }, { key: "b", says: 1 }, { key: "c" }];
  const otherwise = { key: "b", says: 2 };
  const { lost, duplicated, unknown } = balance({
    who: "w",
    due: [a, b, c],
    found: [a, a, a, otherwise],
  });
  assertEquals({ lost, duplicated, unknown }, {
    lost: [b, c],
    duplicated: [a, a],
    unknown: [otherwise],
  });
});

Deno.test("balance() counts an item that is due twice as found only when it arrives twice", () => {
  const key = { key: "key 1 on act-3" };
  const count = (due: number, found: number) => {
    const of = balance({ who: "w", due: Array(due).fill(key), found: Array(found).fill(key) });
    return [of.lost.length, of.duplicated.length, of.unknown.length];
  };
  assertEquals([count(2, 2), count(2, 1), count(2, 3)], [[0, 0, 0], [1, 0, 0], [0, 1, 0]]);
});

Deno.test("watcherLedger() balances for a watcher who received the whole record", () => {
  assertEquals(counts(watcherLedger("watcher", CALL, HEARD)), [4, 0, 0, 0]);
});

Deno.test("watcherLedger() reports a missing event and a duplicated one", () => {
  const missing = HEARD.filter(({ type }) => type !== "event:callEnd");
  assertEquals(counts(watcherLedger("watcher", CALL, missing)), [4, 1, 0, 0]);
  const replayed = [...HEARD.slice(0, 3), ...HEARD.slice(2)];
  assertEquals(counts(watcherLedger("watcher", CALL, replayed)), [4, 0, 1, 0]);
  const twisted = HEARD.map((message) =>
    message.type === "transcript" ? { ...message, msg: `${message.msg}!` } : message
  );
  assertEquals(counts(watcherLedger("watcher", CALL, twisted)), [4, 2, 0, 2]);
});

Deno.test("partyLedger() contains a party's contracts and all payments, and nothing of others", () => {
  assertEquals(counts(partyLedger("buyer", BUYER, RECORD, UPDATES)), [3, 0, 0, 0]);
  assertEquals(counts(partyLedger("stranger", "+1", RECORD, UPDATES)), [2, 0, 0, 1]);
});

Deno.test("partyLedger() reports a missing update and a duplicated one", () => {
  assertEquals(counts(partyLedger("buyer", BUYER, RECORD, UPDATES.slice(1))), [3, 1, 0, 0]);
  const twice = [...UPDATES, UPDATES[2]!];
  assertEquals(counts(partyLedger("buyer", BUYER, RECORD, twice)), [3, 0, 1, 0]);
});

Deno.test("the ledgers of promises report what was acknowledged and is not in the record", () => {
  const line = [
    promised.call("act-1"),
    promised.key("act-1", "1"),
    promised.cdr("act-1", { event: "cdr", sessionId: "act-1" }),
  ];
  const deal = [
    promised.contract("act-1"),
    promised.payment("act-1"),
    promised.signature("act-1", BUYER),
    promised.signature("act-1", SELLER),
    promised.settled("act-1", "locked"),
  ];
  const words = [promised.words("act-1", "Hm")];
  assertEquals(counts(platformLedger("lines", RECORD, line)), [3, 0, 0, 0]);
  assertEquals(counts(dealLedger("deals", RECORD, deal)), [5, 0, 0, 0]);
  assertEquals(counts(transcriptLedger("words", RECORD, words)), [1, 0, 0, 0]);
  const nothing: DemoRecord = { calls: [], contracts: [], changes: [] };
  assertEquals(counts(platformLedger("lines", nothing, line)), [3, 3, 0, 0]);
  assertEquals(counts(dealLedger("deals", nothing, deal)), [5, 5, 0, 0]);
  assertEquals(counts(transcriptLedger("words", nothing, words)), [1, 1, 0, 0]);
});

Deno.test("dealLedger() reports a second contract for one deal, and a contract without a call", () => {
  const [contract] = RECORD.contracts;
  const again = { ...contract!, contract_id: "GP-261121-SECOND", signedBy: [], payments: [] };
  const due = [promised.contract("act-1")];
  const unsigned = { ...contract!, signedBy: [], payments: [] };
  const noted = note(CALL, again.contract_id);
  const twice = { calls: [noted], contracts: [unsigned, again], changes: [] };
  assertEquals(counts(dealLedger("deals", twice, due)), [1, 0, 1, 0]);
  const strange = { calls: [CALL], contracts: [unsigned, again], changes: [] };
  assertEquals(counts(dealLedger("deals", strange, due)), [1, 0, 0, 1]);
});

Deno.test("verdict() is 0 for balanced ledgers, and ends with the sums", () => {
  const { lines, exitCode } = verdict([
    watcherLedger("watcher", CALL, HEARD),
    partyLedger("buyer", BUYER, RECORD, UPDATES),
  ], []);
  assertEquals(exitCode, 0);
  assertEquals(lines.at(-1), "lost: 0 of 7 · duplicated: 0");
});

Deno.test("verdict() is 1 when a watcher missed an event, and names it", () => {
  const { lines, exitCode } = verdict([watcherLedger("watcher", CALL, HEARD.slice(0, 3))], []);
  assertEquals(exitCode, 1);
  assertEquals(lines.at(-1), "lost: 1 of 4 · duplicated: 0");
  assertEquals(lines.filter((line) => line.startsWith("lost  ")), [
    `lost        seq 7 ${JSON.stringify({ type: "event:callEnd", timestamp: AT, seq: 7 })}`,
  ]);
});

Deno.test("verdict() is 1 when a party received a duplicate, or something never recorded", () => {
  const twice = verdict([partyLedger("b", BUYER, RECORD, [UPDATES[0]!, ...UPDATES])], []);
  assertEquals([twice.exitCode, twice.lines.at(-1)], [1, "lost: 0 of 3 · duplicated: 1"]);
  const made = update({ type: "contract_update", status: "disputed", event_id: 99 });
  const madeUp = verdict([partyLedger("b", BUYER, RECORD, [...UPDATES, made])], []);
  assertEquals([madeUp.exitCode, madeUp.lines.at(-1)], [
    1,
    "lost: 0 of 3 · duplicated: 0 · unknown: 1",
  ]);
});

Deno.test("verdict() is 1 for a broken rule, and when nothing was due at all", () => {
  const ledger = watcherLedger("watcher", CALL, HEARD);
  const broken = verdict([ledger], ["buyer: party.pong: no pong in time"]);
  assertEquals(broken.exitCode, 1);
  assertEquals(broken.lines.at(-2), "broken      buyer: party.pong: no pong in time");
  assertEquals(verdict([], []).exitCode, 1);
});

/** Due, lost, duplicated, unknown. */
function counts(ledger: Ledger): number[] {
  const { due, lost, duplicated, unknown } = balance(ledger);
  return [due, lost.length, duplicated.length, unknown.length];
}

function news(
  id: number,
  type: RecordedChange["type"],
  contract_id: string,
  data: RecordedChange["data"],
): RecordedChange {
  return { id, at: AT, type, contract_id, data };
}

function update(
  says:
    & Pick<HeardUpdate, "status" | "event_id">
    & ({ type: "contract_update" } | { type: "payment_update"; amount: number }),
): HeardUpdate {
  return { contract_id: CONTRACT, timestamp: "1795248000", ...says };
}

function note(call: RecordedCall, contract_id: string): RecordedCall {
  const data = { text: "contract opened", contract_id };
  const event = { seq: 9, at: AT, type: "note", actor: "app", data };
  return { ...call, events: [...call.events, event] };
}
