/**
 * How many webhooks there may be.
 * @module
 */

/** How many webhooks there may be: each has its own lanes. */
export interface WebhookLimits {
  readonly all: number;
  readonly ofKey: number;
}

/** The limits without settings. */
export const WEBHOOK_LIMITS: WebhookLimits = { all: 32, ofKey: 16 };
