/** A provider's callback with another amount or currency than the payment's. */
import { MAX_MISMATCHES } from "../../../contracts/payment.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ContractAnswer, PaymentAnswer } from "../../../contracts/schemas.ts";
import { Api, BUYER as PAYER, parse, SELLER as PAYEE } from "../../support/contract_api.ts";
import { Client } from "../../support/client.ts";
import { BUYER, DEAL, SELLER, TestContracts } from "../../support/contracts.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";
import { WebhookServer } from "../../support/webhook_server.ts";

/** The payment of these tests: 150.10 KES. */
const RIGHT: object[] = [
  {},
  { amount: null, value: "" },
  { amount: 150.1 },
  { amount: "150.10" },
  { value: "KES 150.10" },
  { value: "KES 150.1000" },
  { value: "kes150.10" },
  { value: " 150.10 KES " },
  { value: "KES 00150.10" },
  { value: "KES\u00a0150.10", amount: "150.1", currency: "KES", currencyCode: " kes " },
  { amount: { value: "150.10", currency_code: "KES" } },
];
const WRONG: [callback: object, amount: string | null, currency: string | null][] = [
  [{ amount: 150 }, "150", null],
  [{ amount: "150.11" }, "150.11", null],
  [{ value: "KES 1,150.10" }, "KES 1,150.10", null],
  [{ value: "USD 150.10" }, "USD 150.10", null],
  [{ value: "150.10 USD" }, "150.10 USD", null],
  [{ amount: "150.10", currency: "USD" }, "150.10", "USD"],
  [{ currencyCode: "ugx" }, null, "UGX"],
  [{ currency: "USD", currency_code: null }, null, "USD"],
  [{ currency: "USD", currencyCode: "KES" }, null, "USD"],
  [{ amount: "150.10", value: "KES 15" }, "KES 15", null],
  [{ amount: { value: 150.1, currency: "USD" } }, "150.1", "USD"],
  // An unreadable amount is not the right amount.
  [{ amount: "KES -150.10" }, "KES -150.10", null],
  [{ amount: "150,10" }, "150,10", null],
  [{ amount: "a lot" }, "a lot", null],
  [{ amount: [150.1, 1] }, "[150.1,1]", null],
  [{ amount: "9".repeat(500) }, "9".repeat(100), null],
];

async function signedDeal(test: TestContracts): Promise<{ contractId: string; paymentId: string }> {
  const { id: contractId } = await test.contracts.create(DEAL, "test");
  for (const party of [BUYER, SELLER]) await test.contracts.confirm(contractId, party);
  const { id: paymentId } = await test.payment(contractId);
  test.store.news.splice(0);
  return { contractId, paymentId };
}

for (const money of RIGHT) {
  Deno.test(`contracts.settle() locks a matching payment: ${Deno.inspect(money)}`, async () => {
    await using test = await TestContracts.open();
    const { paymentId, contractId } = await signedDeal(test);
    const callback = { payment_id: paymentId, transactionId: "T1", status: "Success", ...money };
    assertEquals((await test.contracts.settle(callback)).status, "locked");
    assertEquals((await test.contracts.get(contractId)).status, "active");
  });
}

for (const [money, amount, currency] of WRONG) {
  Deno.test(`contracts.settle() locks nothing for ${Deno.inspect(money).slice(0, 60)}`, async () => {
    await using test = await TestContracts.open();
    const { contracts, store } = test;
    const { paymentId, contractId } = await signedDeal(test);
    const audited = store.audit.length;
    const callback = { payment_id: paymentId, transactionId: "T1", status: "Success", ...money };
    const { status, transactionId } = await contracts.settle(callback);
    assertEquals([status, transactionId], ["pending", null]);
    assertEquals((await contracts.get(contractId)).status, "confirmed");
    // A repeated callback adds nothing new.
    await Promise.all([contracts.settle(callback), contracts.settle(callback)]);
    const said = { status: "Success", transactionId: "T1", amount, currency };
    assertEquals(store.news.map((news) => news.kind), ["payment_mismatch"]);
    assertEquals((await contracts.payment(paymentId)).mismatches, [said]);
    assertEquals(store.audit.slice(audited).map(({ action }) => action), ["payment_mismatch"]);
    const [event] = await test.database.events.after(0, { types: ["payment_mismatch"] }, 9);
    assertEquals([event?.contractId, event?.toEveryone], [contractId, false]);
    assertEquals(event?.data, {
      paymentId,
      status: "pending",
      amountMinorUnits: 15010,
      currency: "KES",
      parties: [BUYER, SELLER],
      said,
    });
    // The right amount still settles the payment.
    const right = {
      ...callback,
      amount: "150.10",
      value: null,
      currency: "KES",
      currencyCode: "KES",
    };
    assertEquals((await contracts.settle(right)).status, "locked");
    assertEquals((await contracts.get(contractId)).status, "active");
  });
}

Deno.test("contracts.settle() reports each distinct mismatch once, in any status", async () => {
  await using test = await TestContracts.open();
  const { contracts, store } = test;
  const { paymentId: payment_id } = await signedDeal(test);
  const say = (status: string, amount: number) => contracts.settle({ payment_id, status, amount });
  await say("Success", 1);
  await say("Success", 2);
  await say("Failed", 2);
  assertEquals((await say("Failed", 2)).status, "pending");
  assertEquals((await say("Success", 150.1)).status, "locked");
  assertEquals((await say("Refunded", 50)).status, "locked");
  assertEquals(store.news.map(({ kind }) => kind), [
    ...["payment_mismatch", "payment_mismatch", "payment_mismatch"],
    ...["payment_changed", "contract_changed", "payment_mismatch"],
  ]);
});

Deno.test("contracts.settle() stores the latest mismatches with the payment, and all of them in the record", async () => {
  await using test = await TestContracts.open();
  const { contracts, store } = test;
  const { paymentId: payment_id } = await signedDeal(test);
  const count = MAX_MISMATCHES + 5;
  for (let amount = 1; amount <= count; amount++) {
    await contracts.settle({ payment_id, status: "Success", amount });
  }
  const { mismatches } = await contracts.payment(payment_id);
  assertEquals(mismatches?.length, MAX_MISMATCHES);
  assertEquals(mismatches?.at(-1)?.amount, String(count));
  assertEquals(store.news.length, count);
});

Deno.test("POST /payments/webhook answers a mismatch with 200 and the unchanged payment", async () => {
  await using api = await Api.open();
  const contract_id = await api.deal();
  for (const party of [PAYER, PAYEE]) {
    await api.ask("POST", `/contracts/${contract_id}/confirm?phone_number=${party}`);
  }
  const payment_id = await api.checkout(contract_id);
  const before = parse(PaymentAnswer, await api.ask("GET", `/payments/${payment_id}`));
  const form = new URLSearchParams({ payment_id, transactionId: "T1", status: "Success" });
  form.set("value", "KES 15.00");
  const answer = await api.send("/payments/webhook", { method: "POST", body: form });
  assertEquals(parse(PaymentAnswer, answer), before);
  const contract = await api.ask("GET", `/contracts/${contract_id}`);
  assertEquals(parse(ContractAnswer, contract).status, "confirmed");
});

Deno.test("contracts.settle() locks the payment's own amount", async () => {
  await using test = await TestContracts.open();
  const { paymentId: payment_id } = await signedDeal(test);
  const amount = fc.oneof(fc.nat({ max: 10_000_000 }), fc.constantFrom(15011, 15009, 1501, 150100));
  await fc.assert(
    fc.asyncProperty(amount, fc.boolean(), async (units, grouped) => {
      fc.pre(units !== 15010);
      const format = new Intl.NumberFormat("en", {
        minimumFractionDigits: 2,
        useGrouping: grouped,
      });
      const value = `KES ${format.format(units / 100)}`;
      assertEquals(
        (await test.contracts.settle({ payment_id, status: "Success", value })).status,
        "pending",
      );
    }),
    { numRuns: 50 },
  );
});

Deno.test("payment_mismatch goes to webhooks and the stream, and to no party's socket", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await WebhookServer.start();
  await server.subscribe(receiver.url(), { types: ["payment_mismatch"] });
  const { addresses: [address], services: { contracts } } = server.server;
  const door = `127.0.0.1:${address!.port}/api/v1`;
  const { id: contract_id } = await contracts.create(DEAL, "test");
  const { id: payment_id } = await contracts.checkout({
    contract_id,
    amount: 150.1,
    phone_number: BUYER,
  }, "test");
  await using party = await Client.open(`ws://${door}/ws/${encodeURIComponent(BUYER)}`);
  await contracts.settle({ payment_id, status: "Success", value: "USD 150.10" });
  const [{ event }] = await receiver.count(1) as [typeof receiver.received[0]];
  assertEquals([event.type, event.data["contract_id"]], ["payment_mismatch", contract_id]);
  const response = await fetch(
    `http://${door}/events/stream?type=payment_mismatch&last_event_id=0`,
  );
  const stream = response.body!.getReader();
  let text = "";
  // A comment comes first: the stream is open.
  while (!text.includes("\nid:")) text += new TextDecoder().decode((await stream.read()).value);
  assertStringIncludes(text, "event:payment_mismatch");
  assertStringIncludes(text, contract_id);
  await stream.cancel();
  await contracts.change(contract_id, { status: "cancelled" }, "test");
  await party.next({ type: "contract_update" });
  assertEquals(party.messages.length, 1);
});
