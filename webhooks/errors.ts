/**
 * Why something is refused of a webhook.
 * @module
 */

/** A refusal, not a fault of ours. */
export abstract class WebhookError extends Error {
  /** Names something that is not there, does not fit what is there, or could never fit. */
  abstract readonly reason: "unknown" | "conflict" | "invalid";
}

/** A webhook or delivery that there is not. */
export class NoSuchWebhook extends WebhookError {
  override readonly name = "NoSuchWebhook";
  override readonly reason = "unknown";
}

/** Something that does not fit the present state. */
export class WebhookConflict extends WebhookError {
  override readonly name = "WebhookConflict";
  override readonly reason = "conflict";
}

/** A URL or an address that nothing is sent to. */
export class TargetRefused extends WebhookError {
  override readonly name = "TargetRefused";
  override readonly reason = "invalid";
}
