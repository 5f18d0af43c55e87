/**
 * The shapes of webhooks over REST.
 * @module
 */
import { z } from "zod";
import { CALL_TYPES, CONTRACT_TYPES } from "../events/schemas.ts";
import { isSecret } from "./signed_request.ts";

const time = z.iso.datetime();

/** What URL parsers accept: a name or an IPv4 address, a valid port, and no password. */
const URL_PATTERN = (() => {
  const byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  // A last label that begins with a digit makes the host an address; `xn--` may be no valid name.
  const label = "[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*";
  const name = `(${label}\\.)*[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*\\.?`;
  const port = "(:([1-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";
  return `^https?://(${name}|${byte}(\\.${byte}){3})${port}([/?#]\\S*)?$`;
})();

/** Four characters of base64 are three bytes; with padding one or two. */
const SECRET_PATTERN = (() => {
  const six = "[A-Za-z0-9+/]";
  return `^whsec_((${six}{4}){8,21}|(${six}{4}){8,20}${six}{3}=|(${six}{4}){8,21}${six}{2}==)$`;
})();

const terms = {
  url: z.string().min(1).max(2048).meta({
    pattern: URL_PATTERN,
    description: "Receives the deliveries by POST: https or http, and no private address",
    examples: ["https://example.com/hooks/tipring"],
  }),
  types: z.array(z.enum(["*", ...CALL_TYPES, ...CONTRACT_TYPES])).min(1).max(64).meta({
    description: "The types of events to deliver; `*` is all",
    examples: [["ended", "cdr"]],
  }),
  description: z.string().max(500).nullable().default(null).describe("For people"),
  enabled: z.boolean().default(true).describe("Whether events are recorded and sent"),
};

const secret = z.string().refine(isSecret, "whsec_ and 24 to 64 bytes in base64").meta({
  pattern: SECRET_PATTERN,
  description: "Signs the deliveries: `whsec_` and 24 to 64 bytes in base64",
});

/** A new webhook. */
export const WebhookCreate = z.object({
  ...terms,
  secret: secret.optional().describe("Generated if missing"),
}).meta({ id: "WebhookCreate", description: "A new webhook" });
/** A new webhook. */
export type WebhookCreate = z.output<typeof WebhookCreate>;

/** A change of a webhook. */
export const WebhookChange = WebhookCreate.extend({
  secret: secret.optional().describe("Unchanged if missing"),
}).meta({ id: "WebhookChange", description: "The new state of a webhook" });
/** A change of a webhook. */
export type WebhookChange = z.output<typeof WebhookChange>;

/** A webhook. */
export const WebhookAnswer = z.object({
  id: z.string().meta({ examples: ["wh_5c0fd1a2b3e4f5061728"] }),
  url: z.string(),
  types: z.array(z.string()),
  description: z.string().nullable(),
  enabled: z.boolean(),
  disabled_because: z.string().nullable()
    .describe("Why we disabled it ourselves, such as a receiver's 410"),
  created_at: time,
  changed_at: time,
}).meta({ id: "Webhook", description: "A webhook" });

/** A new webhook with its secret, which no other answer contains. */
export const WebhookCreated = WebhookAnswer.extend({
  secret: z.string().describe("Only this answer contains it"),
}).meta({ id: "WebhookCreated", description: "A new webhook with its secret" });

/** All webhooks. */
export const WebhookListAnswer = z.object({ webhooks: z.array(WebhookAnswer) }).meta({
  id: "WebhookList",
  description: "All webhooks, newest first",
});

const state = z.enum(["waiting", "delivered", "dead"])
  .describe("waiting: will be sent; delivered: answered with a 2xx; dead: given up");

/** Which deliveries to list. */
export const DeliveryListQuery = z.object({
  state: state.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("How many at most"),
  cursor: z.string().regex(/^\d{1,15}$/, "a next_cursor").transform(Number).optional()
    .describe("The next_cursor of the previous page"),
}).meta({ id: "DeliveryListQuery" });

const delivery = {
  id: z.string().describe("The `webhook-id` of every attempt"),
  webhook_id: z.string(),
  event_id: z.number().int().positive(),
  type: z.string(),
  state,
  created_at: time,
  next_attempt_at: time.nullable(),
  attempt_count: z.number().int().nonnegative().describe("The stored attempts, 50 at most"),
};

/** A delivery in a list. */
export const DeliveryAnswer = z.object(delivery).meta({
  id: "Delivery",
  description: "One event on its way to one webhook",
});

/** A delivery with its attempts. */
export const DeliveryDetailAnswer = z.object({
  ...delivery,
  attempts: z.array(z.object({
    at: time,
    duration_ms: z.number().int().nonnegative(),
    status: z.number().int().nullable().describe("Null when there was no answer"),
    error: z.string().nullable(),
    excerpt: z.string().nullable().describe("The beginning of the answer's body"),
  })).describe("Oldest first"),
}).meta({ id: "DeliveryDetail", description: "A delivery with its attempts" });

/** A page of deliveries. */
export const DeliveryListAnswer = z.object({
  deliveries: z.array(DeliveryAnswer),
  next_cursor: z.string().optional()
    .describe("The cursor of the next page; missing on the last page"),
}).meta({ id: "DeliveryList", description: "A page of deliveries, the latest event first" });

/** The answer to a removal. */
export const Nothing = z.void().describe("Nothing");
