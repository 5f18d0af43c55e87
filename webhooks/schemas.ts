/**
 * The shapes of webhooks over REST.
 * @module
 */
import { z } from "zod";
import { CALL_TYPES, CONTRACT_TYPES } from "../events/schemas.ts";
import { isSecret } from "./signed_request.ts";

const time = z.iso.datetime();

/** A name or an IPv4 address, a port that there is, and no password: what URL parsers take. */
const URL_PATTERN = (() => {
  const byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  // A last label that begins with a digit makes the whole host an address; `xn--` may be no name.
  const label = "[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*";
  const name = `(${label}\\.)*[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*\\.?`;
  const port = "(:([1-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";
  return `^https?://(${name}|${byte}(\\.${byte}){3})${port}([/?#]\\S*)?$`;
})();

/** Four characters are three bytes; padded ones are one or two. */
const SECRET_PATTERN = (() => {
  const six = "[A-Za-z0-9+/]";
  return `^whsec_((${six}{4}){8,21}|(${six}{4}){8,20}${six}{3}=|(${six}{4}){8,21}${six}{2}==)$`;
})();

const terms = {
  url: z.string().min(1).max(2048).meta({
    pattern: URL_PATTERN,
    description: "Where deliveries are posted to: https or http, and no private address",
    examples: ["https://example.com/hooks/tipring"],
  }),
  types: z.array(z.enum(["*", ...CALL_TYPES, ...CONTRACT_TYPES])).min(1).max(64).meta({
    description: "The types of events that are delivered; `*` is all",
    examples: [["ended", "cdr"]],
  }),
  description: z.string().max(500).nullable().default(null).meta({ description: "For people" }),
  enabled: z.boolean().default(true).meta({
    description: "Whether events are recorded for it and sent",
  }),
};

const secret = z.string().refine(isSecret, "whsec_ and 24 to 64 bytes in base64").meta({
  pattern: SECRET_PATTERN,
  description: "Signs the deliveries: `whsec_` and 24 to 64 bytes in base64",
});

/** A webhook that is asked for. */
export const WebhookCreate = z.object({
  ...terms,
  secret: secret.optional().meta({ description: "Is drawn when it is not given" }),
}).meta({ id: "WebhookCreate", description: "A webhook that is asked for" });
/** A webhook that is asked for. */
export type WebhookCreate = z.output<typeof WebhookCreate>;

/** What a webhook is to become. */
export const WebhookChange = z.object({
  ...terms,
  secret: secret.optional().meta({ description: "Stays as it is when it is not given" }),
}).meta({ id: "WebhookChange", description: "What a webhook is to become" });
/** What a webhook is to become. */
export type WebhookChange = z.output<typeof WebhookChange>;

/** A webhook as it is shown. */
export const WebhookAnswer = z.object({
  id: z.string().meta({ examples: ["wh_5c0fd1a2b3e4f5061728"] }),
  url: z.string(),
  types: z.array(z.string()),
  description: z.string().nullable(),
  enabled: z.boolean(),
  disabled_because: z.string().nullable().meta({
    description: "Why we disabled it ourselves, such as a receiver's 410",
  }),
  created_at: time,
  changed_at: time,
}).meta({ id: "Webhook", description: "A webhook" });

/** A new webhook with its secret, which is never shown again. */
export const WebhookCreated = WebhookAnswer.extend({
  secret: z.string().meta({ description: "Shown here and never again" }),
}).meta({ id: "WebhookCreated", description: "A new webhook with its secret" });

/** All webhooks. */
export const WebhookListAnswer = z.object({ webhooks: z.array(WebhookAnswer) }).meta({
  id: "WebhookList",
  description: "All webhooks, newest first",
});

const state = z.enum(["waiting", "delivered", "dead"]).meta({
  description: "waiting: will be sent; delivered: answered by a 2xx; dead: given up",
});

/** Which deliveries to list. */
export const DeliveryListQuery = z.object({
  state: state.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({
    description: "How many at most",
  }),
  cursor: z.string().regex(/^\d{1,15}$/, "a next_cursor").transform(Number).optional().meta({
    description: "The next_cursor of the page before: this one begins after it",
  }),
}).meta({ id: "DeliveryListQuery" });

const delivery = {
  id: z.string().meta({ description: "The `webhook-id` of every attempt" }),
  webhook_id: z.string(),
  event_id: z.number().int().positive(),
  type: z.string(),
  state,
  created_at: time,
  next_attempt_at: time.nullable(),
  attempt_count: z.number().int().nonnegative().meta({
    description: "The attempts that are kept, 50 at most",
  }),
};

/** A delivery as it is listed. */
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
    status: z.number().int().nullable().meta({ description: "Null when there was no answer" }),
    error: z.string().nullable(),
    excerpt: z.string().nullable().meta({ description: "How the answer's body begins" }),
  })).meta({ description: "Oldest first" }),
}).meta({ id: "DeliveryDetail", description: "A delivery with its attempts" });

/** A page of deliveries. */
export const DeliveryListAnswer = z.object({
  deliveries: z.array(DeliveryAnswer),
  next_cursor: z.string().optional().meta({
    description: "Ask with this as cursor for what comes next; missing on the last page",
  }),
}).meta({ id: "DeliveryList", description: "A page of deliveries, the latest event first" });

/** The answer to a removal. */
export const Nothing = z.void().meta({ description: "Nothing" });
