/**
 * Payments over REST.
 * @module
 */
import { paymentAnswer } from "../../contracts/payment_answer.ts";
import {
  PaymentAnswer,
  PaymentCallback,
  PaymentCheckout,
  PaymentListAnswer,
  PaymentListQuery,
} from "../../contracts/schemas.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import type { PaymentKey } from "../../store/pages.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/payments";

/** The routes of payments: begin, settle, read. */
export function paymentRoutes(
  services: ListServices & Pick<Services, "contracts" | "store">,
): HttpRoute[] {
  const { contracts, store: { pages } } = services;
  return [
    http({
      method: "POST",
      path: `${BASE}/checkout`,
      summary: "Records a payment for a contract",
      guard: "key",
      body: PaymentCheckout,
      answers: { 201: PaymentAnswer },
      answer: async (visit, { body }) => {
        const payment = await contracts.checkout(body, visit.actor, visit.operation);
        const headers = { location: `${BASE}/${payment.id}` };
        return Response.json(paymentAnswer(payment), { status: 201, headers });
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/webhook`,
      summary: "Takes a payment provider's callback",
      guard: "key",
      // Providers add query parameters of their own.
      anyQuery: true,
      body: PaymentCallback,
      // Some providers post forms only.
      forms: true,
      answers: { 200: PaymentAnswer },
      answer: async (_visit, { body }) =>
        Response.json(paymentAnswer(await contracts.settle(body))),
    }),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a payment",
      guard: "key",
      answers: { 200: PaymentAnswer },
      answer: async ({ params }) =>
        Response.json(paymentAnswer(await contracts.payment(params.id ?? ""))),
    }),
    http({
      method: "GET",
      path: `${BASE}/contract/:contract_id`,
      summary: "Lists the payments of a contract, newest first",
      guard: "key",
      query: PaymentListQuery,
      answers: { 200: PaymentListAnswer },
      answer: async ({ request, params }, { query: { limit, cursor } }) => {
        const { id: contractId } = await contracts.get(params["contract_id"] ?? "");
        return await listAnswer(request, {
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
