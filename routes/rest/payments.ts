/**
 * Payments over REST.
 * @module
 */
import type { z } from "zod";
import { actorOf } from "../../access/holder.ts";
import { type Contracts, noPayment } from "../../contracts/contracts.ts";
import { toMajorUnits } from "../../contracts/money.ts";
import type { Payment } from "../../contracts/payment.ts";
import {
  PaymentAnswer,
  PaymentCallback,
  PaymentCheckout,
  PaymentListAnswer,
} from "../../contracts/schemas.ts";
import type { AddressList } from "../../http/address.ts";
import type { CallbackSignature } from "../../http/callback_signature.ts";
import { checkSigner, seenContract, seesContract } from "./seen_contract.ts";
import { http, type HttpRoute } from "../../http/route.ts";

const BASE = "/api/v1/payments";

/** Who may post a provider's callback, besides the holders of a key. */
export interface CallbackSenders {
  /** Takes the place of a key. */
  readonly signature?: CallbackSignature;
  /** The addresses of the provider; all without a list. */
  readonly from?: AddressList;
}

/** The routes of payments: begin, settle, read. */
export function paymentRoutes(
  contracts: Contracts,
  { signature, from }: CallbackSenders = {},
): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: `${BASE}/checkout`,
      summary: "Records a payment for a contract",
      scope: "payments:write",
      body: PaymentCheckout,
      answers: { 201: PaymentAnswer },
      answer: async (visit, { body }) => {
        const { contract_id: id, phone_number } = body;
        await seenContract(contracts, { ...visit, params: { id } });
        checkSigner(visit.holder, contracts.phone(phone_number));
        const payment = await contracts.checkout(body, visit.actor, visit.operation);
        const headers = { location: `${BASE}/${payment.id}` };
        return Response.json(paymentAnswer(payment), { status: 201, headers });
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/webhook`,
      summary: "Takes a payment provider's callback",
      scope: "payments:callback",
      ...(from === undefined ? {} : { from }),
      // With a secret, what comes without a key is signed, on loopback too.
      ...(signature === undefined ? {} : {
        admit: ({ request: { headers } }, bytes, byKey) => signature.isOn(headers, bytes) || byKey,
      }),
      // Providers add query parameters of their own.
      anyQuery: true,
      body: PaymentCallback,
      // Some providers post forms only.
      forms: true,
      answers: { 200: PaymentAnswer },
      answer: async ({ holder }, { body }) => {
        const payment = await contracts.settle(body, {
          actor: actorOf(holder, "provider"),
          sees: (contract) => seesContract(holder, contract),
        });
        return Response.json(paymentAnswer(payment));
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a payment",
      scope: "contracts:read",
      answers: { 200: PaymentAnswer },
      async answer({ params: { id = "" }, holder }) {
        const payment = await contracts.payment(id);
        if (!seesContract(holder, await contracts.get(payment.contractId))) throw noPayment(id);
        return Response.json(paymentAnswer(payment));
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/contract/:contract_id`,
      summary: "Lists the payments of a contract, newest first",
      scope: "contracts:read",
      answers: { 200: PaymentListAnswer },
      answer: async ({ params: { contract_id = "" }, holder }) => {
        await seenContract(contracts, { holder, params: { id: contract_id } });
        const payments = (await contracts.paymentsOf(contract_id)).map(paymentAnswer);
        return Response.json({ contract_id, payments } satisfies z.input<typeof PaymentListAnswer>);
      },
    }),
  ];
}

function paymentAnswer(payment: Payment): z.input<typeof PaymentAnswer> {
  return {
    payment_id: payment.id,
    contract_id: payment.contractId,
    transaction_id: payment.transactionId,
    status: payment.status,
    amount: toMajorUnits(payment.amountMinorUnits, payment.currency),
    currency: payment.currency,
    phone_number: payment.phoneNumber,
    payment_type: payment.type,
    created_at: payment.createdAt.toISOString(),
  };
}
