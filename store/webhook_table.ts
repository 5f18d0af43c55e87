/**
 * Webhooks and their deliveries.
 * @module
 */
import type { Database } from "./database.ts";
import type { Writer } from "./writer.ts";

/** Keeps webhooks. */
// deno-lint-ignore no-empty-interface
export interface WebhookStore {}

/** Webhooks in SQLite. */
export class WebhookTable implements WebhookStore {
  constructor(_reader: Database, _writer: Writer) {}
}
