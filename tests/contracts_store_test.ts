import { assertEquals, assertRejects } from "@std/assert";
import type { ContractWrite } from "../contracts/store.ts";
import { DEAL, Office, RecordingContracts, START } from "./support/contract_office.ts";

Deno.test("contractBook tells nothing that could not be stored", async () => {
  class Broken extends RecordingContracts {
    broken = false;
    override async write(write: ContractWrite): Promise<readonly number[]> {
      if (this.broken) throw new Error("disk full");
      return await super.write(write);
    }
  }
  await using office = await Office.open({ wrap: (kept) => new Broken(kept) });
  const { book, store, told } = office;
  const { id } = await book.create(DEAL, "test");
  store.broken = true;
  await assertRejects(() => book.change(id, { status: "cancelled" }, "test"), Error, "disk full");
  assertEquals(told(), []);
  store.broken = false;
  assertEquals((await book.change(id, { status: "confirmed" }, "test")).status, "confirmed");
  assertEquals(told(), ["contract confirmed"]);
});

Deno.test("contractBook tells with the change, and no sooner than the store keeps it", async () => {
  const { promise: durable, resolve: flush } = Promise.withResolvers<void>();
  class Slow extends RecordingContracts {
    override async write(write: ContractWrite): Promise<readonly number[]> {
      if (write.contract.status !== "pending") await durable;
      return await super.write(write);
    }
  }
  await using office = await Office.open({ wrap: (kept) => new Slow(kept) });
  const { book, told } = office;
  const { id } = await book.create(DEAL, "test");
  const change = book.change(id, { status: "cancelled" }, "test");
  // The other contract's turn is not held up, and by its end this one's news would be out.
  await book.create(DEAL, "test");
  assertEquals(told(), []);
  flush();
  await change;
  assertEquals(told(), ["contract cancelled"]);
});

Deno.test("contractStore hands out and takes in copies", async () => {
  await using office = await Office.open();
  const { book, store } = office;
  const terms = { nested: { bags: 100 } };
  const contract = await book.create({ ...DEAL, terms }, "test");
  terms.nested.bags = 0;
  assertEquals(contract.terms, { nested: { bags: 100 } });
  const got = await store.contract(contract.id);
  (got as { status: string }).status = "completed";
  contract.createdAt.setTime(0);
  const kept = await store.contract(contract.id);
  assertEquals(kept?.status, "pending");
  assertEquals(kept?.terms, { nested: { bags: 100 } });
  assertEquals(kept?.createdAt, START);
});

for (const paymentsToEveryone of [true, false]) {
  const whom = paymentsToEveryone ? "everyone" : "the parties";
  Deno.test(`contractBook tells ${whom} of payments, and of contracts the parties`, async () => {
    await using office = await Office.open({ paymentsToEveryone });
    const id = await office.deal();
    await office.book.change(id, { status: "confirmed" }, "operator");
    await office.book.settle({ payment_id: (await office.payment(id)).id, status: "held" });
    assertEquals(
      office.store.news.map(({ kind, toEveryone, actor }) => [kind, toEveryone, actor]),
      [
        ["contract_created", false, "test"],
        ["contract_changed", false, "operator"],
        ["payment_changed", paymentsToEveryone, "test"],
        ["payment_changed", paymentsToEveryone, "provider"],
        ["contract_changed", false, "provider"],
      ],
    );
  });
}

Deno.test("contractBook.create() of the same operation gives the same contract", async () => {
  await using office = await Office.open();
  const { book, store } = office;
  const first = await book.create(DEAL, "test", "operation 1");
  assertEquals(await book.create(DEAL, "test", "operation 1"), first);
  assertEquals((await book.list({ limit: 10, offset: 0 })).total, 1);
  assertEquals(store.audit.length, 1);
  const other = await book.create(DEAL, "test", "operation 2");
  assertEquals(other.id === first.id, false);
});

Deno.test("contractBook.checkout() of the same operation gives the same payment", async () => {
  await using office = await Office.open();
  const { book, told } = office;
  const contract_id = await office.deal();
  const request = { contract_id, amount: 10, phone_number: DEAL.parties[0]!.phone };
  const first = await book.checkout(request, "test", "operation 1");
  assertEquals(await book.checkout(request, "test", "operation 1"), first);
  assertEquals(told(), ["payment pending"]);
  assertEquals((await book.paymentsOf(contract_id)).length, 1);
});
