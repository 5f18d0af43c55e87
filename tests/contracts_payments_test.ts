import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ContractError, StateConflict } from "../contracts/errors.ts";
import { BUYER, DEAL, Office, SELLER } from "./support/contract_office.ts";

Deno.test("contractBook.settle() locks escrow, activates the contract, and hears repeats once", async () => {
  await using office = await Office.open();
  const { book, told, payment, store } = office;
  const { id } = await book.create(DEAL, "test");
  await book.confirm(id, BUYER);
  await book.confirm(id, SELLER);
  const { id: payment_id } = await payment(id);
  assertMatch(payment_id, /^PY-261121-[0-9A-F]{6}$/);
  const callback = { transactionId: "T1", requestMetadata: { payment_id }, status: "Success" };
  await Promise.all([book.settle(callback), book.settle(callback)]);
  assertEquals(told(), [
    "contract confirmed",
    "payment pending",
    "payment locked",
    "contract active",
  ]);
  const audited = store.audit.length;
  await book.settle({ transactionId: "T1", status: "Completed" });
  assertEquals((await book.settle({ transactionId: "T1", status: "Released" })).status, "released");
  assertEquals((await book.settle(callback)).status, "released");
  assertEquals(told(), ["payment released"]);
  assertEquals(store.audit.length, audited + 1);
  assertEquals((await book.payment(payment_id)).transactionId, "T1");
});

Deno.test("contractBook.confirm() activates a contract that was paid before the last signature", async () => {
  await using office = await Office.open();
  const { book, told, payment } = office;
  const { id } = await book.create(DEAL, "test");
  await book.settle({ payment_id: (await payment(id)).id, status: "success" });
  await book.confirm(id, BUYER);
  assertEquals((await book.confirm(id, SELLER)).status, "active");
  assertEquals(told(), [
    "payment pending",
    "payment locked",
    "contract confirmed",
    "contract active",
  ]);
});

Deno.test("contractBook.change() to confirmed activates a contract that is paid", async () => {
  await using office = await Office.open();
  const { book, told, payment } = office;
  const { id } = await book.create(DEAL, "test");
  await book.settle({ payment_id: (await payment(id)).id, status: "held" });
  told();
  assertEquals((await book.change(id, { status: "confirmed" }, "test")).status, "active");
  assertEquals(told(), ["contract confirmed", "contract active"]);
});

Deno.test("contractBook.settle() refuses what it does not know or what belongs elsewhere", async () => {
  await using office = await Office.open();
  const { book, payment, told } = office;
  const { id } = await book.create(DEAL, "test");
  const [one, two] = [await payment(id), await payment(id)];
  await assertRejects(
    () => book.settle({ transactionId: "T9", status: "Success" }),
    ContractError,
    "by T9: there is none",
  );
  await assertRejects(
    () => book.settle({ payment_id: one.id, status: "Maybe" }),
    ContractError,
    '"Maybe" is no status',
  );
  const both = [one, two].map(({ id }) =>
    book.settle({ transactionId: "T1", payment_id: id, status: "Success" })
  );
  const outcomes = await Promise.allSettled(both);
  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  await assertRejects(
    () => book.settle({ transactionId: "T2", payment_id: one.id, status: "Success" }),
    StateConflict,
    "it belongs to T1",
  );
  assertEquals((await book.payment(two.id)).status, "pending");
  assertEquals(told(), ["payment pending", "payment pending", "payment locked"]);
  assertEquals((await book.paymentsOf(id)).map((payment) => payment.id), [two.id, one.id]);
});

Deno.test("contractBook.checkout() refuses other currencies, odd amounts, and contracts that are over", async () => {
  await using office = await Office.open();
  const { book } = office;
  const { id: contract_id } = await book.create(DEAL, "test");
  const request = { contract_id, amount: 10, phone_number: BUYER };
  await assertRejects(
    () => book.checkout({ ...request, currency: "USD" }, "test"),
    StateConflict,
    `Cannot check out 10 USD for contract ${contract_id}: its currency is KES`,
  );
  await assertRejects(
    () => book.checkout({ ...request, amount: 1.005 }, "test"),
    ContractError,
    "KES has 2 decimals",
  );
  await book.change(contract_id, { status: "cancelled" }, "test");
  await assertRejects(() => book.checkout(request, "test"), StateConflict, "it is cancelled");
});
