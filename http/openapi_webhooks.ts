/**
 * What receivers of webhooks are sent, as the `webhooks` of an OpenAPI document.
 * @see https://spec.openapis.org/oas/v3.1.0#fixed-fields
 * @module
 */
import { DeliveredEvent } from "../events/schemas.ts";

/** Where receivers are named: without it nothing is delivered. */
export const WEBHOOKS = "/api/v1/webhooks";

const SIGNATURE_HEADERS = {
  "webhook-id": "The delivery's id: the same in every attempt",
  "webhook-timestamp": "When it was sent, in Unix seconds",
  "webhook-signature": "By Standard Webhooks, with the webhook's secret",
};

/** The one webhook there is: an event, of any of the types that were asked for. */
export function webhooks(): Record<string, Record<string, unknown>> {
  return {
    event: {
      post: {
        operationId: "deliverEvent",
        summary: "An event of a type that the webhook was made for; see POST /api/v1/webhooks",
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
          "2XX": { description: "It is taken, and not sent again" },
          "410": { description: "The receiver is gone: the webhook is disabled" },
          default: { description: "It is sent again later, under the same webhook-id" },
        },
        security: [],
      },
    },
  };
}
