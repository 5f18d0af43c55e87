/**
 * The requirements for every store: the event log.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { EventFilter } from "../../events/event_log.ts";
import type { Store } from "../../store/store.ts";
import { Tail } from "../../events/tail.ts";
import {
  BUYER,
  changed,
  contractWrite,
  note,
  ODD_TEXT,
  type OpenStore,
  paid,
  sampleCall,
  sampleContract,
  samplePayment,
  SELLER,
  START,
  STARTED,
  STRANGER,
} from "./store_samples.ts";

/** Declares the tests. */
export function eventSuite(name: string, open: OpenStore): void {
  Deno.test(`eventLog.after() returns events as they were stored (${name})`, async () => {
    await using opened = await open();
    const { store } = opened;
    assertEquals([await store.events.lastId(), await store.events.after(0, {}, 9)], [0, []]);
    await store.calls.begin(sampleCall("call", { from: ODD_TEXT }), STARTED, START);
    const { id } = await store.calls.append("call", note(ODD_TEXT), START);
    const contract = sampleContract("deal", { status: "active" });
    const payment = samplePayment("p", "deal", { status: "locked" });
    const news = [changed(contract), paid(contract, payment, true)];
    await store.contracts.write(contractWrite(contract, { payments: [payment], events: news }));
    const [started, noted, moved, settled] = await store.events.after(0, {}, 9);
    assertEquals(noted, {
      id,
      at: START,
      type: "note",
      actor: "us",
      callId: "call",
      callSeq: 2,
      contractId: null,
      toEveryone: false,
      data: { text: ODD_TEXT },
      call: null,
      parties: null,
    });
    assertEquals(started!.call, { line: "inbound", from: ODD_TEXT, to: "5000" });
    const parties = [BUYER, SELLER];
    assertEquals(moved, {
      id: id + 1,
      at: START,
      type: "contract_changed",
      actor: "test",
      callId: null,
      callSeq: null,
      contractId: "deal",
      toEveryone: false,
      data: { status: "active", parties },
      call: null,
      parties: contract.parties,
    });
    assertEquals([settled!.actor, settled!.toEveryone], ["provider", true]);
    const money = { amountMinorUnits: 15010, currency: "KES" };
    assertEquals(settled!.data, { paymentId: "p", status: "locked", ...money, parties });
    assertEquals(await store.events.lastId(), id + 2);
  });

  Deno.test(`eventLog.after() filters and pages, oldest first (${name})`, async () => {
    await using opened = await open();
    const { store } = opened;
    await fill(store);
    const all = await store.events.after(0, {}, 100);
    const start = all[0]!.id - 1;
    const read = async (filter: EventFilter, after = 0, limit = 100) =>
      (await store.events.after(start + after, filter, limit)).map(({ id }) => id - start).join(
        " ",
      );
    assertEquals(await read({}), "1 2 3 4 5 6 7");
    assertEquals(await read({}, 3, 2), "4 5");
    assertEquals(await read({}, 7), "");
    assertEquals(await read({}, 1000), "");
    assertEquals(await read({ types: ["note"] }), "2 7");
    assertEquals(await read({ types: ["note", "started"] }, 1), "2 7");
    assertEquals(await read({ types: [] }), "");
    assertEquals(await read({ callId: "call" }), "1 2 7");
    assertEquals(await read({ contractId: "one" }), "3 4");
    assertEquals(await read({ contractId: "two" }, 5), "6");
    assertEquals(await read({ clientId: BUYER }), "3 4 6");
    assertEquals(await read({ clientId: SELLER }), "3 4 5 6");
    assertEquals(await read({ clientId: STRANGER }, 4), "5 6");
    assertEquals(await read({ clientId: "whoever" }), "4 6");
    assertEquals(await read({ clientId: SELLER, types: ["contract_changed"] }, 0, 1), "3");
    assertEquals(await read({ clientId: BUYER, contractId: "two" }), "6");
  });

  Deno.test(`eventLog.after() returns events in the order of their ids and never late (${name})`, async () => {
    await using opened = await open();
    const { store } = opened;
    const seen: number[] = [];
    const failures: unknown[] = [];
    const tail = await Tail.open(store.events, (error) => failures.push(error));
    using _listening = tail.listen((events) => seen.push(...events.map(({ id }) => id)));
    store.onPersisted = () => tail.wake();
    await Promise.all(Array.from({ length: 20 }, async (_, writer) => {
      await store.calls.begin(sampleCall(`${writer}`), STARTED, START);
      for (let count = 0; count < 50; count++) {
        await store.calls.append(`${writer}`, note(`${count}`), START);
      }
    }));
    await tail.settled();
    const all = await store.events.after(0, {}, 2000);
    assertEquals(all.length, 20 * 51);
    assertEquals(seen, all.map(({ id }) => id));
    assertEquals(tail.lastId, await store.events.lastId());
    assertEquals(failures, []);
  });
}

/** A call's events are 1, 2 and 7; the contract one has 3 and 4, two has 5 and 6. */
async function fill({ calls, contracts }: Store): Promise<void> {
  await calls.begin(sampleCall("call"), STARTED, START);
  await calls.append("call", note("first"), START);
  const one = sampleContract("one");
  const payment = samplePayment("p", "one");
  const news = [changed(one), paid(one, payment, true)];
  await contracts.write(contractWrite(one, { payments: [payment], events: news }));
  const [buyer, seller] = one.parties;
  const two = sampleContract("two", {
    parties: [{ ...buyer!, phoneNumber: STRANGER }, seller!],
  });
  const other = samplePayment("q", "two");
  const private_ = [paid(two, other, false), changed(two, true)];
  await contracts.write(contractWrite(two, { payments: [other], events: private_ }));
  await calls.append("call", note("last"), START);
}
