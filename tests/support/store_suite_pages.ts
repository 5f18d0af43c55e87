/**
 * The requirements for every store: pages, whose parts together are the whole.
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Bounds } from "../../access/bounds.ts";
import type { CallRecord } from "../../calls/call_record.ts";
import type { CallQuery } from "../../calls/store.ts";
import type { Contract } from "../../contracts/contract.ts";
import type { EventFilter } from "../../events/event_log.ts";
import type { CallKey, ContractPage } from "../../store/pages.ts";
import type { Store } from "../../store/store.ts";
import { listedCalls, listedContracts } from "./listed.ts";
import {
  BUYER,
  CDR,
  changed,
  contractWrite,
  ended,
  later,
  note,
  type OpenStore,
  paid,
  sampleCall,
  sampleContract,
  samplePayment,
  SELLER,
  STARTED,
  STRANGER,
} from "./store_samples.ts";
import { wholeList } from "./whole_list.ts";

const ELSEWHERE = "+254700000001";
/** Numbers that calls went to, by turns; older calls have no E.164. */
const CALLED: readonly Partial<CallRecord>[] = [
  { to: "6000" },
  { to: "0700 000 001", toE164: ELSEWHERE },
  { to: "254700000001" },
  { to: ELSEWHERE, toE164: "+254700000002" },
];

const TYPES = ["contract_changed", "payment_changed"];

/** Declares the tests. */
export function pageSuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (store: Store) => Promise<void>) =>
    Deno.test(`pages.${what} (${name})`, async () => {
      await using opened = await open();
      await fill(opened.store);
      await run(opened.store);
    });

  test("calls() gives every matching call, newest first, whatever is asked for", async (store) => {
    const queries: Partial<CallQuery>[] = [
      {},
      { state: "ended" },
      { line: "jambonz" },
      { from: "+15551", state: "ended" },
      { from: "0712 345 678", fromE164: BUYER },
      { from: "nobody" },
      { to: "5000", line: "inbound" },
      { startedFrom: later(100), startedBefore: later(300) },
      { startedBefore: later(300), after: { startedAt: later(400), id: "c0400" } },
      { calledNumbers: [ELSEWHERE] },
      { calledNumbers: [ELSEWHERE, "5000"], state: "ended" },
      { calledNumbers: ["6000"], from: "+15551" },
      { calledNumbers: ["6000", "nobody"], to: ELSEWHERE },
      { calledNumbers: ["6000"], to: "6000", startedFrom: later(100) },
      { calledNumbers: Array.from({ length: 100 }, (_, at) => `60${at}`).concat("6000") },
      { calledNumbers: [] },
    ];
    const all = await callsOf(store);
    for (const query of queries) {
      const listed = listedCalls(all, query).map(({ id }) => id);
      const paged = await wholeList<CallKey>(
        (after = query.after, limit) =>
          store.pages.calls({ ...query, after, limit, form: "entry" }),
        7,
      );
      assertEquals(paged.map(({ id }) => id), listed, Deno.inspect(query));
    }
    const cdrs = await wholeList<CallKey>(
      (after, limit) => store.pages.calls({ after, limit, form: "cdr" }),
      7,
    );
    assertEquals(
      cdrs.map(({ call_id }) => call_id),
      listedCalls(all, {}).filter(({ cdr }) => cdr !== null).map(({ id }) => id),
    );
  });

  test("contracts() returns every contract once, and counts them", async (store) => {
    const queries: Partial<ContractPage>[] = [
      {},
      { status: "active" },
      { phoneNumber: STRANGER },
      { phoneNumber: BUYER, status: "active" },
      { phoneNumber: "nobody" },
      { offset: 11 },
      { offset: 5, phoneNumber: BUYER, status: "active" },
      { offset: 5000 },
      { clients: [STRANGER] },
      { clients: [STRANGER], status: "active", offset: 1 },
      { clients: [STRANGER, SELLER, "nobody"] },
      { clients: [STRANGER, SELLER], status: "active" },
      { clients: [STRANGER], phoneNumber: SELLER, offset: 2 },
      { clients: [BUYER], phoneNumber: STRANGER },
      { clients: [BUYER, SELLER], phoneNumber: SELLER, status: "pending" },
      { clients: [] },
    ];
    const all = await contractsOf(store);
    for (const { offset = 0, ...query } of queries) {
      const listed = listedContracts(all, query).map(({ id }) => id);
      let left = offset;
      const paged = await wholeList(async (after: number | undefined, limit) => {
        const part = await store.pages.contracts({ ...query, after, limit, offset: left });
        left = part.offset;
        assertEquals(part.total, listed.length, Deno.inspect(query));
        return part;
      }, 7);
      const ids = paged.map(({ contract_id }) => contract_id);
      assertEquals(ids, listed.slice(offset), Deno.inspect({ ...query, offset }));
    }
  });

  test("events() returns the same as the event log, for any query", async (store) => {
    const filters: EventFilter[] = [
      {},
      { types: ["cdr", "ended"] },
      { callId: "c0003" },
      { callId: "c0003", types: ["note"] },
      { contractId: "k5" },
      { clientId: BUYER },
      { clientId: STRANGER, types: TYPES },
      { clientId: STRANGER, contractId: "k4" },
      { callId: "c0003", clientId: BUYER },
      { bounds: { clients: [STRANGER], numbers: [] } },
      { bounds: { clients: [], numbers: [ELSEWHERE] } },
      { bounds: { clients: [STRANGER], numbers: ["6000"] }, types: ["ended", ...TYPES] },
      { bounds: { clients: [STRANGER], numbers: [] }, clientId: SELLER },
      { bounds: { clients: [BUYER], numbers: [] }, contractId: "k4" },
      { bounds: { clients: [BUYER], numbers: ["6000"] }, callId: "c0003" },
      { bounds: { clients: [], numbers: [] } },
    ];
    for (const filter of filters) {
      for (const afterId of [0, 900, 1_000_000]) {
        const log = (await store.events.after(afterId, filter, 10_000)).map(({ id }) => id);
        const paged = await wholeList(
          (after: number = afterId, limit) =>
            store.pages.events({ afterId: after, filter, limit, form: "json" }),
          50,
        );
        assertEquals(paged.map(({ id }) => id), log, Deno.inspect({ ...filter, afterId }));
        const sent: unknown[] = [];
        for (let [seen, isLast] = [afterId, false]; !isLast;) {
          const part = await store.pages.sentEvents({ afterId: seen, filter, limit: 50 });
          assert(part.events.length <= 50);
          sent.push(...part.events);
          ({ seen, isLast } = part);
        }
        assertEquals(JSON.parse(JSON.stringify(sent)), paged);
      }
    }
  });

  test("updates() returns a client's missed updates, without its neighbours'", async (store) => {
    const bounds = { clients: [STRANGER], numbers: [] };
    const asked: EventFilter[] = [
      { clientId: BUYER },
      { clientId: SELLER },
      { clientId: STRANGER },
      // Broadcasts are not for a key that is bound to other clients.
      { clientId: SELLER, bounds },
      { clientId: SELLER, bounds: { clients: [BUYER], numbers: [] } },
    ];
    for (const { clientId = "", bounds } of asked) {
      const log = await store.events.after(0, { clientId, bounds, types: TYPES }, 10_000);
      assert(log.length > 0);
      const told: number[] = [];
      for (let [seen, isLast] = [0, false]; !isLast;) {
        const page = { afterId: seen, clientId, bounds, types: TYPES, limit: 10 };
        const part = await store.pages.updates(page);
        told.push(...part.events.map(({ id }) => id));
        assertEquals(part.events.filter(({ data }) => "parties" in data), []);
        ({ seen, isLast } = part);
      }
      assertEquals(told, log.map(({ id }) => id), Deno.inspect({ clientId, bounds }));
    }
  });

  test("events() and updates() return no other key's page", async (store) => {
    const [mine, others] = [STRANGER, BUYER].map((client) => ({ clients: [client], numbers: [] }));
    const page = { afterId: 0, limit: 3 };
    const read = async (bounds: Bounds | undefined) => {
      const filter = { clientId: SELLER, types: TYPES, bounds };
      const part = await store.pages.events({ ...page, filter, form: "json" });
      assertEquals(part.rest, "some", "such a page may be remembered");
      const updates = { ...page, clientId: SELLER, types: TYPES, bounds };
      const { events } = await store.pages.updates(updates);
      const found = JSON.parse(`[${new TextDecoder().decode(part.items)}]`);
      return [
        ...found.map(({ contract_id }: { contract_id: string }) => contract_id),
        ...events
          .map(({ contractId }) => contractId),
      ];
    };
    const isMine = (id: string) => Number(id.slice(1)) % 4 === 0;
    for (const bounds of [undefined, mine, others, mine, undefined]) {
      const found = await read(bounds);
      assertEquals(found.length, 6);
      if (bounds !== undefined) assertEquals(found.map(isMine), found.map(() => bounds === mine));
    }
  });

  test("record(), transcript() and watched() return a long record", async (store) => {
    const page = { callId: "long", afterSeq: 0 };
    const all = await store.calls.events("long", 0, 10_000);
    const record = await wholeList(
      (afterSeq: number = 0, limit) => store.pages.record({ ...page, afterSeq, limit }),
      1000,
    );
    assertEquals(record.map(({ seq }) => seq), all.map(({ seq }) => seq));
    const said = all.filter(({ type }) => type === "transcript");
    for (const limit of [1, 5000]) {
      const transcript = await wholeList(
        (afterSeq: number = 0) => store.pages.transcript({ ...page, afterSeq, limit }),
        limit,
      );
      assertEquals(transcript.map(({ seq }) => seq), said.map(({ seq }) => seq));
    }
    const watched = await store.pages.watched({ callId: "long", afterSeq: 1, limit: 200 });
    assertEquals(watched.events, []);
    assertEquals([watched.seen, watched.isLast], [2001, false], "it looked far enough");
    const told: number[] = [];
    for (let [seen, isLast] = [2001, false]; !isLast;) {
      const part = await store.pages.watched({ callId: "long", afterSeq: seen, limit: 200 });
      told.push(...part.events.map(({ seq }) => seq));
      ({ seen, isLast } = part);
    }
    assertEquals(told, said.map(({ seq }) => seq));
  });

  test("receivedCdr() returns the last CDR as received", async (store) => {
    assertEquals(JSON.parse((await store.pages.receivedCdr("c0006"))!), { a: [1, "x"] });
    assertEquals(await store.pages.receivedCdr("c0000"), undefined);
    assertEquals(await store.pages.receivedCdr("nobody"), undefined);
  });

  test("payments() returns a contract's payments, newest first", async (store) => {
    const payments = (await store.contracts.paymentsOf("k0")).map(({ id }) => id);
    assertEquals(payments.length, 20);
    const paged = await wholeList(
      (after: { createdAt: number; row: number } | undefined, limit) =>
        store.pages.payments({ contractId: "k0", after, limit }),
      3,
    );
    assertEquals(paged.map(({ payment_id }) => payment_id), payments);
  });

  test("calls() is not read for a client that has left", async (store) => {
    const gone = AbortSignal.abort(new Error("gone"));
    const page = { form: "entry", limit: 1 } as const;
    await assertRejects(() => store.pages.calls(page, gone), Error, "gone");
    assertEquals((await store.pages.calls(page)).count, 1);
  });
}

const CALLS = 620;
const CONTRACTS = 60;

function callIdOf(at: number): string {
  return `c${String(at).padStart(4, "0")}`;
}

async function callsOf({ calls }: Store): Promise<CallRecord[]> {
  const ids = [...Array.from({ length: CALLS }, (_, at) => callIdOf(at)), "long"];
  return await Promise.all(ids.map(async (id) => (await calls.call(id))!));
}

async function contractsOf({ contracts }: Store): Promise<Contract[]> {
  const ids = Array.from({ length: CONTRACTS }, (_, at) => `k${at}`);
  return await Promise.all(ids.map(async (id) => (await contracts.contract(id))!));
}

async function fill({ calls, contracts }: Store): Promise<void> {
  const writes: Promise<unknown>[] = [];
  for (let at = 0; at < CALLS; at++) {
    const id = callIdOf(at);
    const call = sampleCall(id, {
      startedAt: later(at - at % 2),
      line: at % 9 === 0 ? "jambonz" : "inbound",
      ...CALLED[at % 7],
      ...(at % 5 === 0 ? { from: `+1555${at % 2}`, fromE164: null } : {}),
    });
    writes.push(calls.begin(call, STARTED, later(at)));
    if (at % 3 === 0) {
      writes.push(calls.append(id, note("here"), later(at)), calls.append(id, ended(), later(at)));
    }
    if (at % 6 === 0) {
      const data = { cdr: CDR, ...(at === 6 ? { received: { a: [1, "x"] } } : {}) };
      writes.push(calls.append(id, { type: "cdr", actor: "line", data }, later(at)));
    }
  }
  writes.push(calls.begin(sampleCall("long", { startedAt: later(-1) }), STARTED, later(0)));
  for (let at = 0; at < 2500; at++) writes.push(calls.append("long", note(`${at}`), later(at)));
  for (let at = 0; at < 40; at++) {
    const data = { msg: `${at} ${"x".repeat(10_000)}`, role: "other" } as const;
    writes.push(calls.append("long", { type: "transcript", actor: "us", data }, later(at)));
  }
  for (let at = 0; at < CONTRACTS; at++) {
    const [buyer, seller] = sampleContract("x").parties;
    const parties = at % 4 === 0 ? [{ ...buyer!, phoneNumber: STRANGER }, seller!] : undefined;
    const status = at % 7 === 0 ? "active" : "pending";
    const contract = sampleContract(`k${at}`, {
      status: "pending",
      ...(parties === undefined ? {} : { parties }),
    });
    writes.push(contracts.write(contractWrite(contract)));
    const now = { ...contract, status } as const;
    const payment = samplePayment(`p${at}`, "k0", { createdAt: later(at - at % 2) });
    writes.push(contracts.write(contractWrite(now, {
      payments: at < 20 ? [payment] : [],
      events: [changed(now), paid(now, payment, at % 3 === 0)],
    })));
  }
  await Promise.all(writes);
}
