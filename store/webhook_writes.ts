/**
 * Writing webhooks and their deliveries.
 * @module
 */

/** The writes of webhooks. */
export const webhookWrites = {};
