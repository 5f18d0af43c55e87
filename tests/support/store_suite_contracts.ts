/**
 * The requirements for every store: contracts and payments.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Contract } from "../../contracts/contract.ts";
import type { ContractPage } from "../../store/pages.ts";
import {
  BUYER,
  changed,
  contractWrite,
  later,
  ODD_TEXT,
  type OpenStore,
  paid,
  sampleContract,
  samplePayment,
  SELLER,
  START,
  STRANGER,
} from "./store_samples.ts";
import { itemsOf } from "./whole_list.ts";

/** Declares the tests. */
export function contractSuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (opened: Awaited<ReturnType<OpenStore>>) => Promise<void>) =>
    Deno.test(`contractStore${what} (${name})`, async () => {
      await using opened = await open();
      await run(opened);
    });

  test(" returns what it was given", async ({ store: { contracts } }) => {
    const signature = { phoneNumber: BUYER, signedAt: later(1), hash: "h" };
    const contract = sampleContract("a", {
      signatures: [signature],
      confirmedAt: later(2),
      transcript: ODD_TEXT,
    });
    const payment = samplePayment("p", "a", { transactionId: ODD_TEXT, changedAt: later(3) });
    await contracts.write(contractWrite(contract, { payments: [payment] }));
    assertEquals(await contracts.contract("a"), contract);
    assertEquals(await contracts.payment("p"), payment);
    assertEquals(await contracts.paymentsOf("a"), [payment]);
    const bare = sampleContract("b", { totalMinorUnits: null });
    await contracts.write(contractWrite(bare));
    assertEquals(await contracts.contract("b"), bare);
    assertEquals(await contracts.contract("c"), undefined);
    assertEquals(await contracts.payment("a"), undefined);
    assertEquals(await contracts.paymentsOf("b"), []);
  });

  test(".write() keeps the latest version of a contract and its payments", async ({ store }) => {
    const { contracts } = store;
    const before = sampleContract("a");
    await contracts.write(contractWrite(before, { payments: [samplePayment("p", "a")] }));
    const after = { ...before, status: "confirmed" as const, confirmedAt: later(1) };
    const payment = samplePayment("p", "a", { status: "locked", transactionId: "T1" });
    await contracts.write(contractWrite(after, { payments: [payment] }));
    assertEquals(await contracts.contract("a"), after);
    assertEquals(await contracts.payment("p"), payment);
    assertEquals((await store.pages.contracts({ limit: 9, offset: 0 })).total, 1);
  });

  test(".write() stores all or nothing", async ({ store }) => {
    const { contracts, events } = store;
    const first = samplePayment("p", "a", { transactionId: "T1" });
    await contracts.write(contractWrite(sampleContract("a"), { payments: [first] }));
    const cancelled = sampleContract("a", { status: "cancelled" });
    const twin = samplePayment("q", "a", { transactionId: "T1" });
    await assertRejects(() =>
      contracts.write(contractWrite(cancelled, {
        payments: [samplePayment("r", "a"), twin],
        events: [changed(cancelled)],
      }))
    );
    assertEquals((await contracts.contract("a"))?.status, "pending");
    assertEquals(await contracts.paymentsOf("a"), [first]);
    assertEquals(await events.lastId(), 0);
  });

  test(".write() returns the ids of its events, in their order", async ({ store }) => {
    const contract = sampleContract("a");
    const payment = samplePayment("p", "a");
    const news = [changed(contract), paid(contract, payment, true), changed(contract, true)];
    const ids = await store.contracts.write(contractWrite(contract, { events: news }));
    const events = await store.events.after(0, {}, 10);
    assertEquals(events.map(({ id }) => id), ids);
    assertEquals(events.map(({ type }) => type), news.map(({ kind }) => kind));
  });

  test(".write() stores each of many simultaneous writes, in the order of the calls", async ({ store }) => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 100 }, async (_, count) => {
      const contract = sampleContract("a", { transcript: `${count}` });
      await store.contracts.write(contractWrite(contract));
      order.push(count);
    }));
    assertEquals(order, Array.from({ length: 100 }, (_, count) => count));
    assertEquals((await store.contracts.contract("a"))?.transcript, "99");
  });

  test(" finds what an operation created", async ({ store: { contracts } }) => {
    const contract = sampleContract("a");
    await contracts.write(contractWrite(contract, { operation: "made" }));
    const payment = samplePayment("p", "a");
    const operation = "paid";
    await contracts.write(contractWrite(contract, { payments: [payment], operation }));
    await contracts.write(contractWrite(contract, { payments: [payment] }));
    assertEquals(await contracts.contractByOperation("made"), contract);
    assertEquals(await contracts.paymentByOperation("paid"), payment);
    assertEquals(await contracts.contractByOperation("paid"), undefined);
    assertEquals(await contracts.paymentByOperation("made"), undefined);
    const other = contractWrite(sampleContract("b"), { operation: "made" });
    await assertRejects(() => contracts.write(other));
    assertEquals(await contracts.contract("b"), undefined);
  });

  test(".paymentByTransaction() finds a payment", async ({ store: { contracts } }) => {
    const payment = samplePayment("p", "a");
    await contracts.write(contractWrite(sampleContract("a"), { payments: [payment] }));
    assertEquals(await contracts.paymentByTransaction("T1"), undefined);
    const bound = { ...payment, transactionId: "T1" };
    await contracts.write(contractWrite(sampleContract("a"), { payments: [bound] }));
    assertEquals(await contracts.paymentByTransaction("T1"), bound);
  });

  test(".overdue() lists pending contracts whose time is over", async ({ store }) => {
    const { contracts } = store;
    const put = (id: string, more: Partial<Contract>) =>
      contracts.write(contractWrite(sampleContract(id, more)));
    await put("early", { expiresAt: later(1) });
    await put("now", { expiresAt: later(2) });
    await put("later", { expiresAt: new Date(later(2).getTime() + 1) });
    await put("confirmed", { expiresAt: later(1), status: "confirmed" });
    await put("was pending", { expiresAt: later(1) });
    await put("was pending", { expiresAt: later(1), status: "expired" });
    assertEquals((await contracts.overdue(later(2))).toSorted(), ["early", "now"]);
    assertEquals(await contracts.overdue(START), []);
  });

  test(" and its pages: contracts come newest first, filtered", async ({ store }) => {
    const { contracts, pages } = store;
    const [buyer, seller] = sampleContract("x").parties;
    const stranger = { ...buyer!, phoneNumber: STRANGER };
    // Entries of the same time come in the order of their writes.
    for (const [id, at] of [["z", 0], ["b", 1], ["a", 1], ["c", 2]] as const) {
      const parties = id === "b" ? [stranger, seller!] : [buyer!, seller!];
      await contracts.write(contractWrite(sampleContract(id, { createdAt: later(at), parties })));
    }
    await contracts.write(contractWrite(sampleContract("z", { status: "cancelled" })));
    const list = async (query: Partial<ContractPage>) => {
      const part = await pages.contracts({ limit: 10, offset: 0, ...query });
      return `${itemsOf(part).map(({ contract_id }) => contract_id).join(" ")} of ${part.total}`;
    };
    assertEquals(await list({}), "c a b z of 4");
    assertEquals(await list({ limit: 2 }), "c a of 4");
    assertEquals(await list({ limit: 2, offset: 2 }), "b z of 4");
    assertEquals(await list({ offset: 4 }), " of 4");
    assertEquals(await list({ status: "pending" }), "c a b of 3");
    assertEquals(await list({ status: "cancelled" }), "z of 1");
    assertEquals(await list({ phoneNumber: STRANGER }), "b of 1");
    assertEquals(await list({ phoneNumber: SELLER, limit: 1, offset: 1 }), "a of 4");
    assertEquals(await list({ phoneNumber: BUYER, status: "pending" }), "c a of 2");
    assertEquals(await list({ phoneNumber: "nobody" }), " of 0");
  });

  test(" copies its inputs and outputs", async ({ store: { contracts } }) => {
    const contract = sampleContract("a", { createdAt: later(0) });
    const kept = structuredClone(contract);
    const writing = contracts.write(contractWrite(contract));
    (contract.terms as { bags: number }).bags = 0;
    contract.createdAt.setTime(0);
    await writing;
    const read = await contracts.contract("a");
    assertEquals(read, kept);
    (read as { status: string }).status = "completed";
    assertEquals(await contracts.contract("a"), kept);
  });
}
