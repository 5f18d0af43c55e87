/** The access of each read for clients: an index of its own, and a bounded number of rows. */
import { assert, assertEquals } from "@std/assert";
import type { EventFilter } from "../../../../events/event_log.ts";
import type { CallPage, ContractPage, ContractPart } from "../../../../store/pages.ts";
import { callWrites } from "../../../../store/sqlite/writes/call_writes.ts";
import { callToDoc, eventToInput } from "../../../../store/sqlite/rows/call_doc.ts";
import { contractWrites } from "../../../../store/sqlite/writes/contract_writes.ts";
import { migrate } from "../../../../store/sqlite/schema/migrate.ts";
import { WINDOW_ROWS } from "../../../../store/sqlite/reads/part.ts";
import { type Read, type ReadName, reads } from "../../../../store/sqlite/reads/reads.ts";
import { ReadLog } from "../../../support/read_log.ts";
import {
  BUYER,
  CDR,
  changed,
  contractWrite,
  ended,
  later,
  note,
  sampleCall,
  sampleContract,
  samplePayment,
  SELLER,
  STARTED,
} from "../../../support/store_samples.ts";

const CALLS = 1500;
const LINES = 5000;

/** A database with more of everything than one read looks at. */
function filled(): ReadLog {
  const database = new ReadLog(":memory:");
  migrate(database);
  database.exec("BEGIN");
  for (let at = 0; at < CALLS; at++) {
    const call = sampleCall(`c${at}`, { startedAt: later(at), from: `+2547${at % 7}` });
    begin(call.id, at, call);
    if (at % 3 === 0) append(call.id, ended());
    if (at % 6 === 0) append(call.id, { type: "cdr", actor: "line", data: { cdr: CDR } });
  }
  begin("long", CALLS);
  for (let line = 0; line < LINES; line++) {
    const said = { type: "transcript", actor: "us", data: { msg: `${line}`, role: "other" } };
    append("long", line % 10 === 0 ? said as never : note(`${line}`));
  }
  for (let at = 0; at < CALLS; at++) {
    const contract = sampleContract(`k${at}`, { status: at % 50 === 0 ? "active" : "pending" });
    const events = [changed(contract, at % 2 === 0)];
    const payments = at === 0 ? [0, 1, 2].map((n) => samplePayment(`p${n}`, "k0")) : [];
    contractWrites.writeContract(database, contractWrite(contract, { events, payments }));
  }
  database.exec("COMMIT");
  return database;

  function begin(id: string, at: number, call = sampleCall(id, { startedAt: later(at) })): void {
    const event = eventToInput(STARTED);
    callWrites.beginCall(database, { call: callToDoc(call), event, at: +later(at) });
  }

  function append(callId: string, event: Parameters<typeof eventToInput>[0]): void {
    const input = { callId, event: eventToInput(event), at: 0, operation: null };
    callWrites.appendEvent(database, input);
  }
}

const CALL_FILTERS: Readonly<Record<string, Partial<CallPage>>> = {
  nothing: {},
  "a cursor": { after: { startedAt: later(700), id: "c700" } },
  "a state": { state: "ended" },
  "a line that has no calls": { line: "jambonz" },
  "a caller": { from: "+25473" },
  "a caller in E.164": { from: "0712 345 678", fromE164: BUYER },
  "a number called": { to: "5000" },
  "the numbers of a key": { calledNumbers: ["5000"] },
  "a key for a hundred numbers": {
    calledNumbers: Array.from({ length: 100 }, (_, at) => `50${at}`).concat("5000"),
  },
  "a key for other numbers": { calledNumbers: ["6000"], state: "ended" },
  "a caller and a state": { from: "+25473", state: "ended" },
  "a time": { startedFrom: later(10), startedBefore: later(20) },
  everything: {
    from: "+25473",
    to: "5000",
    state: "ended",
    line: "inbound",
    startedFrom: later(1),
    startedBefore: later(900),
    after: { startedAt: later(800), id: "c800" },
  },
};

const EVENT_FILTERS: Readonly<Record<string, EventFilter>> = {
  nothing: {},
  "a type": { types: ["cdr"] },
  "a call": { callId: "long" },
  "a call and a type": { callId: "long", types: ["transcript"] },
  "a contract": { contractId: "k1" },
  "a client": { clientId: BUYER },
  "a client and a type": { clientId: SELLER, types: ["payment_changed"] },
  "a contract and a client": { contractId: "k1", clientId: BUYER },
  "the bounds of a key": { bounds: { clients: [BUYER], numbers: ["5000"] } },
  "the bounds of a key for nothing here": { bounds: { clients: ["x"], numbers: ["y"] } },
  "a client and the bounds of its key": {
    clientId: SELLER,
    bounds: { clients: [BUYER], numbers: [] },
  },
};

/** Every read with every kind of input: by its name, and with a limit of 50. */
const READS: [what: string, name: ReadName, input: unknown][] = [
  ...Object.entries(CALL_FILTERS).flatMap(([what, filter]) =>
    (["entry", "cdr csv"] as const).map((form): [string, ReadName, unknown] => [
      `calls by ${what}, each as ${form}`,
      "calls",
      { ...filter, form, limit: 50 },
    ])
  ),
  ...Object.entries(EVENT_FILTERS).flatMap(([what, filter]) =>
    [0, 6000].map((afterId): [string, ReadName, unknown] => [
      `events by ${what} after ${afterId}`,
      "events",
      { afterId, filter, limit: 50, form: "json" },
    ])
  ),
  ["a record", "record", { callId: "long", afterSeq: 4000, limit: 50 }],
  ["a transcript", "transcript", { callId: "long", afterSeq: 4000, limit: 50 }],
  ["what watchers hear", "watched", { callId: "long", afterSeq: 4000, limit: 50 }],
  ["a received CDR", "receivedCdr", "c6"],
  ["contracts", "contracts", { limit: 50, offset: 0 }],
  ["contracts after one", "contracts", { limit: 50, offset: 0, after: 100 }],
  ["contracts of a status", "contracts", { limit: 50, offset: 0, status: "active" }],
  ["contracts of a party", "contracts", { limit: 50, offset: 10, phoneNumber: BUYER }],
  [
    "contracts of a party and status",
    "contracts",
    { limit: 50, offset: 1, phoneNumber: BUYER, status: "active" },
  ],
  ["contracts of a key's client", "contracts", { limit: 50, offset: 5, clients: [BUYER] }],
  [
    "contracts of a key's client and a status",
    "contracts",
    { limit: 50, offset: 0, clients: [BUYER], status: "active" },
  ],
  [
    "contracts of a key's client with a party",
    "contracts",
    { limit: 50, offset: 0, clients: [BUYER], phoneNumber: SELLER },
  ],
  ["contracts of a key's clients", "contracts", { limit: 50, offset: 0, clients: [BUYER, SELLER] }],
  ["events to encrypt", "sentEvents", { afterId: 0, filter: { clientId: BUYER }, limit: 50 }],
  ["payments", "payments", { contractId: "k0", limit: 50 }],
  ["deliveries", "deliveries", { webhookId: "w", limit: 50 }],
  ["deliveries of a state", "deliveries", { webhookId: "w", state: "dead", limit: 50 }],
  [
    "a client's updates",
    "updates",
    { clientId: BUYER, types: ["contract_changed"], afterId: 0, limit: 50 },
  ],
];

Deno.test("contracts of several clients are counted once per list, each of them once", () => {
  const database = filled();
  const counts = () => database.reads.filter(({ sql }) => sql.includes("COUNT(DISTINCT")).length;
  const clients = [BUYER, SELLER];
  const seen: number[] = [];
  let page: ContractPage | undefined = { limit: 10_000, offset: 0, clients };
  while (page !== undefined) {
    const part: ContractPart = reads.contracts(database, page);
    seen.push(part.count);
    assertEquals(part.total, CALLS);
    const { seen: after, total } = part;
    page = part.rest === "none" ? undefined : { ...page, after, total };
  }
  assert(seen.length > 1, "it is one part");
  assertEquals(seen.reduce((all, count) => all + count), CALLS);
  assertEquals(counts(), 1);
  database.close();
});

Deno.test("each read for clients uses an index, sorts nothing, and visits a bounded number of rows", () => {
  const database = filled();
  for (const [what, name, input] of READS) {
    database.reads.length = 0;
    (reads[name] as Read)(database, input);
    assertEquals(database.slowSteps(), [], what);
    const rows = database.reads.reduce((total, { rows }) => total + rows, 0);
    // The places in up to six indexes, and the rows at these places with their last events.
    assert(rows <= 8 * WINDOW_ROWS, `${what}: ${rows} rows`);
  }
  assertEquals(new Set(READS.map(([, name]) => name)), new Set(Object.keys(reads)));
  database.close();
});

Deno.test("a query plan that scans or sorts is detected", () => {
  const database = filled();
  database.reads.length = 0;
  database.all("SELECT * FROM calls ORDER BY doc");
  assertEquals(database.slowSteps().length, 2);
  database.close();
});
