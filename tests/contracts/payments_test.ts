import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ContractError, StateConflict } from "../../contracts/errors.ts";
import { BUYER, DEAL, SELLER, TestContracts } from "../support/contracts.ts";

Deno.test("contracts.settle() locks escrow, activates the contract, and ignores repeats", async () => {
  await using test = await TestContracts.open();
  const { contracts, told, payment, store } = test;
  const { id } = await contracts.create(DEAL, "test");
  await contracts.confirm(id, BUYER);
  await contracts.confirm(id, SELLER);
  const { id: payment_id } = await payment(id);
  assertMatch(payment_id, /^PY-261121-[0-9A-F]{6}$/);
  const callback = { transactionId: "T1", requestMetadata: { payment_id }, status: "Success" };
  await Promise.all([contracts.settle(callback), contracts.settle(callback)]);
  assertEquals(told(), [
    "contract confirmed",
    "payment pending",
    "payment locked",
    "contract active",
  ]);
  const audited = store.audit.length;
  await contracts.settle({ transactionId: "T1", status: "Completed" });
  assertEquals(
    (await contracts.settle({ transactionId: "T1", status: "Released" })).status,
    "released",
  );
  assertEquals((await contracts.settle(callback)).status, "released");
  assertEquals(told(), ["payment released"]);
  assertEquals(store.audit.length, audited + 1);
  assertEquals((await contracts.payment(payment_id)).transactionId, "T1");
});

Deno.test("contracts.confirm() activates a contract that was paid before the last signature", async () => {
  await using test = await TestContracts.open();
  const { contracts, told, payment } = test;
  const { id } = await contracts.create(DEAL, "test");
  await contracts.settle({ payment_id: (await payment(id)).id, status: "success" });
  await contracts.confirm(id, BUYER);
  assertEquals((await contracts.confirm(id, SELLER)).status, "active");
  assertEquals(told(), [
    "payment pending",
    "payment locked",
    "contract confirmed",
    "contract active",
  ]);
});

Deno.test("contracts.change() to confirmed activates a contract that is paid", async () => {
  await using test = await TestContracts.open();
  const { contracts, told, payment } = test;
  const { id } = await contracts.create(DEAL, "test");
  await contracts.settle({ payment_id: (await payment(id)).id, status: "held" });
  told();
  assertEquals((await contracts.change(id, { status: "confirmed" }, "test")).status, "active");
  assertEquals(told(), ["contract confirmed", "contract active"]);
});

Deno.test("contracts.settle() refuses unknown payments, statuses, and other payments' transactions", async () => {
  await using test = await TestContracts.open();
  const { contracts, payment, told } = test;
  const { id } = await contracts.create(DEAL, "test");
  const [one, two] = [await payment(id), await payment(id)];
  await assertRejects(
    () => contracts.settle({ transactionId: "T9", status: "Success" }),
    ContractError,
    "by T9: no payment has this id",
  );
  await assertRejects(
    () => contracts.settle({ payment_id: one.id, status: "Maybe" }),
    ContractError,
    'the status "Maybe" is unknown',
  );
  const both = [one, two].map(({ id }) =>
    contracts.settle({ transactionId: "T1", payment_id: id, status: "Success" })
  );
  const outcomes = await Promise.allSettled(both);
  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  await assertRejects(
    () => contracts.settle({ transactionId: "T2", payment_id: one.id, status: "Success" }),
    StateConflict,
    "it belongs to T1",
  );
  assertEquals((await contracts.payment(two.id)).status, "pending");
  assertEquals(told(), ["payment pending", "payment pending", "payment locked"]);
  assertEquals((await test.store.paymentsOf(id)).map((payment) => payment.id), [two.id, one.id]);
});

Deno.test("contracts.checkout() refuses other currencies, invalid amounts, and final contracts", async () => {
  await using test = await TestContracts.open();
  const { contracts } = test;
  const { id: contract_id } = await contracts.create(DEAL, "test");
  const request = { contract_id, amount: 10, phone_number: BUYER };
  await assertRejects(
    () => contracts.checkout({ ...request, currency: "USD" }, "test"),
    StateConflict,
    `Cannot check out 10 USD for contract ${contract_id}: its currency is KES`,
  );
  await assertRejects(
    () => contracts.checkout({ ...request, amount: 1.005 }, "test"),
    ContractError,
    "KES has 2 decimals",
  );
  await contracts.change(contract_id, { status: "cancelled" }, "test");
  await assertRejects(() => contracts.checkout(request, "test"), StateConflict, "it is cancelled");
});
