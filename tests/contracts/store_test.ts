import { assertEquals, assertRejects } from "@std/assert";
import type { ContractWrite } from "../../contracts/store.ts";
import { within } from "../support/arrivals.ts";
import { DEAL, RecordingContracts, START, TestContracts } from "../support/contracts.ts";

Deno.test("contracts emits no event for a change that could not be stored", async () => {
  class Broken extends RecordingContracts {
    broken = false;
    override async write(write: ContractWrite): Promise<readonly number[]> {
      if (this.broken) throw new Error("disk full");
      return await super.write(write);
    }
  }
  await using test = await TestContracts.open({ wrap: (kept) => new Broken(kept) });
  const { contracts, store, told } = test;
  const { id } = await contracts.create(DEAL, "test");
  store.broken = true;
  await assertRejects(
    () => contracts.change(id, { status: "cancelled" }, "test"),
    Error,
    "disk full",
  );
  assertEquals(told(), []);
  store.broken = false;
  assertEquals((await contracts.change(id, { status: "confirmed" }, "test")).status, "confirmed");
  assertEquals(told(), ["contract confirmed"]);
});

Deno.test("contracts stores an event with its change, and not before", async () => {
  const { promise: durable, resolve: flush } = Promise.withResolvers<void>();
  class Slow extends RecordingContracts {
    override async write(write: ContractWrite): Promise<readonly number[]> {
      const written = () => super.write(write);
      return await (write.contract.status === "pending" ? written() : durable.then(written));
    }
  }
  await using test = await TestContracts.open({ wrap: (kept) => new Slow(kept) });
  const { contracts, told } = test;
  const { id } = await contracts.create(DEAL, "test");
  const change = contracts.change(id, { status: "cancelled" }, "test");
  // The other contract is not blocked, and by its end an early event of this one would show.
  await contracts.create(DEAL, "test");
  assertEquals(told(), []);
  flush();
  await within(change, () => "the contract is not cancelled");
  assertEquals(told(), ["contract cancelled"]);
});

Deno.test("contractStore copies its inputs and outputs", async () => {
  await using test = await TestContracts.open();
  const { contracts, store } = test;
  const terms = { nested: { bags: 100 } };
  const contract = await contracts.create({ ...DEAL, terms }, "test");
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
  Deno.test(`contracts notifies ${whom} of payments, and the parties of contracts`, async () => {
    await using test = await TestContracts.open({ paymentsToEveryone });
    const id = await test.deal();
    await test.contracts.change(id, { status: "confirmed" }, "operator");
    await test.contracts.settle({ payment_id: (await test.payment(id)).id, status: "held" });
    assertEquals(
      test.store.news.map(({ kind, toEveryone, actor }) => [kind, toEveryone, actor]),
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

Deno.test("contracts.create() returns the same contract for the same operation", async () => {
  await using test = await TestContracts.open();
  const { contracts, store } = test;
  const first = await contracts.create(DEAL, "test", "operation 1");
  assertEquals(await contracts.create(DEAL, "test", "operation 1"), first);
  assertEquals(await store.all(), [first]);
  assertEquals(store.audit.length, 1);
  const other = await contracts.create(DEAL, "test", "operation 2");
  assertEquals(other.id === first.id, false);
});

Deno.test("contracts.checkout() returns the same payment for the same operation", async () => {
  await using test = await TestContracts.open();
  const { contracts, store, told } = test;
  const contract_id = await test.deal();
  const request = { contract_id, amount: 10, phone_number: DEAL.parties[0]!.phone };
  const first = await contracts.checkout(request, "test", "operation 1");
  assertEquals(await contracts.checkout(request, "test", "operation 1"), first);
  assertEquals(told(), ["payment pending"]);
  assertEquals((await store.paymentsOf(contract_id)).length, 1);
});
