/**
 * A delivery as clients get it.
 * @module
 */
import type { z } from "zod";
import type * as schemas from "./schemas.ts";
import type { Delivery } from "./webhook.ts";

/** A delivery in the words of REST, without its attempts. */
export function deliveryAnswer(delivery: Delivery): z.input<typeof schemas.DeliveryAnswer> {
  const { id, webhookId, eventId, type, state, createdAt, dueAt, attempts } = delivery;
  return {
    id,
    webhook_id: webhookId,
    event_id: eventId,
    type,
    state,
    created_at: createdAt.toISOString(),
    next_attempt_at: dueAt?.toISOString() ?? null,
    attempt_count: attempts.length,
  };
}
