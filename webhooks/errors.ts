/**
 * Why a request about webhooks is refused.
 * @module
 */

/** A webhook or delivery that does not exist. */
export class NoSuchWebhook extends Error {
  override readonly name = "NoSuchWebhook";
}

/** A request that conflicts with the present state. */
export class WebhookConflict extends Error {
  override readonly name = "WebhookConflict";
}

/** A URL or an address that deliveries must not go to. */
export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
}
