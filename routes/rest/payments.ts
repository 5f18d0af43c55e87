/**
 * Payments over REST.
 * @module
 */
import { actorOf } from "../../access/holder.ts";
import { noPayment } from "../../contracts/errors.ts";
import { paymentAnswer } from "../../contracts/payment_answer.ts";
import {
  PaymentAnswer,
  PaymentCallback,
  PaymentCheckout,
  PaymentListAnswer,
  PaymentListQuery,
} from "../../contracts/schemas.ts";
import type { AddressList } from "../../http/guards/address.ts";
import type { CallbackSignature } from "../../http/guards/callback_signature.ts";
import { checkSigner, seenContract, seesContract } from "./seen_contract.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import type { PaymentKey } from "../../store/pages.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/payments";

/** Who may post a provider's callback, besides the holders of a key. */
export interface CallbackSenders {
  /** Replaces a key. */
  readonly signature?: CallbackSignature;
  /** The addresses of the provider; all without a list. */
  readonly from?: AddressList;
}

/** The routes of payments: begin, settle, read. */
export function paymentRoutes(
  services: ListServices & Pick<Services, "contracts" | "store">,
  { signature, from }: CallbackSenders = {},
): HttpRoute[] {
  const { contracts, store: { pages } } = services;
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
      summary: "Accepts a payment provider's callback",
      scope: "payments:callback",
      ...(from === undefined ? {} : { from }),
      // With a secret, callbacks without a key must be signed, on loopback too.
      ...(signature === undefined ? {} : {
        admit: ({ request: { headers } }, bytes, byKey) => signature.isOn(headers, bytes) || byKey,
      }),
      // Providers add their own query parameters.
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
      query: PaymentListQuery,
      answers: { 200: PaymentListAnswer },
      answer: async (visit, { query: { limit, cursor } }) => {
        const { holder, params: { contract_id: id = "" } } = visit;
        const { id: contractId } = await seenContract(contracts, { holder, params: { id } });
        return await listAnswer(visit, {
          read: (after, limit, signal) => pages.payments({ contractId, after, limit }, signal),
          after: cursor === undefined ? undefined : readCursor(cursor),
          limit,
          open: `{"contract_id":${JSON.stringify(contractId)},"payments":[`,
          close({ last, isFollowed }) {
            const next = isFollowed ? `,"next_cursor":"${last!.createdAt}-${last!.row}"` : "";
            return `]${next}}`;
          },
        }, services);
      },
    }),
  ];
}

function readCursor(cursor: string): PaymentKey {
  const [createdAt, row] = cursor.split("-").map(Number);
  return { createdAt: createdAt!, row: row! };
}
