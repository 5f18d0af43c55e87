/**
 * Contracts and payments over REST.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { DealLog } from "./logs.ts";
import { PARTY_PHONES } from "./parties.ts";
import { ask, type Asked } from "./rest.ts";

/** Makes one deal after the other. */
export async function makeDeals(load: Load, random: SeededRandom): Promise<void> {
  while (!load.draining) {
    await makeDeal(load, random);
    await load.pause(random, 0, 20);
  }
}

async function makeDeal(load: Load, random: SeededRandom): Promise<void> {
  const first = random.whole(0, PARTY_PHONES.length - 1);
  const second = (first + random.whole(1, PARTY_PHONES.length - 1)) % PARTY_PHONES.length;
  const product = load.name("deal");
  const log: DealLog = {
    product,
    phones: [PARTY_PHONES[first]!, PARTY_PHONES[second]!],
    amount: random.whole(1, 100_000) / 100,
    contractId: null,
    signed: [],
    paymentId: null,
    transactionId: `T-${product}`,
    settled: false,
    completed: false,
    requests: [],
  };
  load.logs.deals.push(log);
  const [buyer, seller] = log.phones;
  const answered = (asked: Asked) => ask(load, random, asked, log.requests);
  const contract = await answered({
    method: "POST",
    path: "/api/v1/contracts/create/manual",
    body: {
      product,
      total_amount: log.amount,
      currency: "KES",
      parties: [{ phone: buyer, role: "buyer" }, { phone: seller, role: "seller" }],
    },
  });
  if (contract === undefined) return;
  const id = log.contractId = String(contract["contract_id"]);
  // Some deals stay incomplete.
  if (random.happens(0.1)) return;
  const payment = await answered({
    method: "POST",
    path: "/api/v1/payments/checkout",
    body: { contract_id: id, amount: log.amount, phone_number: buyer },
  });
  if (payment === undefined) return;
  const paymentId = log.paymentId = String(payment["payment_id"]);
  for (const phone of log.phones) {
    const path = `/api/v1/contracts/${id}/confirm?phone_number=${encodeURIComponent(phone)}`;
    if (await answered({ method: "POST", path }) === undefined) return;
    log.signed.push(phone);
  }
  const { transactionId } = log;
  const settled = await answered({
    method: "POST",
    path: "/api/v1/payments/webhook",
    body: { transactionId, payment_id: paymentId, status: "Success" },
  });
  if (settled === undefined) return;
  log.settled = true;
  const completed = await answered({
    method: "PUT",
    path: `/api/v1/contracts/${id}`,
    body: { status: "completed" },
  });
  log.completed = completed !== undefined;
}
