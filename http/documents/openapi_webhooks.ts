/**
 * The deliveries of webhooks, as the `webhooks` of an OpenAPI document.
 * @see https://spec.openapis.org/oas/v3.1.0#fixed-fields
 * @module
 */
import { DeliveredEvent } from "../../events/schemas.ts";

/** The route that registers receivers. Without it nothing is delivered. */
export const WEBHOOKS = "/api/v1/webhooks";

const SIGNATURE_HEADERS = {
  "webhook-id": "The delivery's id: the same in every attempt",
  "webhook-timestamp": "When it was sent, in Unix seconds",
  "webhook-signature": "Standard Webhooks signature with the webhook's secret",
};

/** The one webhook: an event of any type that its receiver asked for. */
export function webhooks(): Record<string, Record<string, unknown>> {
  return {
    event: {
      post: {
        operationId: "deliverEvent",
        summary: "An event of a type that the webhook asked for; see POST /api/v1/webhooks",
        tags: ["webhooks"],
        parameters: Object.entries(SIGNATURE_HEADERS).map(([name, description]) => ({
          name,
          in: "header",
          required: true,
          description,
          schema: { type: "string" },
        })),
        requestBody: {
          required: true,
          content: { "application/json": { schema: DeliveredEvent } },
        },
        responses: {
          "2XX": { description: "Accepted: it is not sent again" },
          "410": { description: "The receiver is gone: the webhook is disabled" },
          default: { description: "It is sent again later, with the same webhook-id" },
        },
        security: [],
      },
    },
  };
}
