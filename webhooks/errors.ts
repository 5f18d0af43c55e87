/**
 * Why a request about webhooks is refused.
 * @module
 */

/** A refusal, not a fault of ours. */
export abstract class WebhookError extends Error {
  /** `unknown`: no such thing; `conflict`: not in the present state; `invalid`: in no state. */
  abstract readonly reason: "unknown" | "conflict" | "invalid";
}

/** A webhook or delivery that does not exist. */
export class NoSuchWebhook extends WebhookError {
  override readonly name = "NoSuchWebhook";
  override readonly reason = "unknown";
}

/** A request that conflicts with the present state. */
export class WebhookConflict extends WebhookError {
  override readonly name = "WebhookConflict";
  override readonly reason = "conflict";
}

/** A URL or an address that deliveries must not go to. */
export class TargetRefused extends WebhookError {
  override readonly name = "TargetRefused";
  override readonly reason = "invalid";
}
