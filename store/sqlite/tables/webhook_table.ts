/**
 * Webhooks and their deliveries in SQLite.
 * @module
 */
import type { AttemptWrite, Authorship, Recorded, WebhookStore } from "../../../webhooks/store.ts";
import type { Delivery, Webhook, WebhookOwner, WebhookTerms } from "../../../webhooks/webhook.ts";
import type { Database } from "../database.ts";
import {
  deliveryFromRow,
  ownerToDoc,
  toDelivery,
  toWebhook,
  webhookFromRow,
} from "../rows/webhook_doc.ts";
import type { Writer } from "../writer.ts";

/** Reads over its own connection and writes through the one writer. */
export class WebhookTable implements WebhookStore {
  readonly #reader: Database;
  readonly #writer: Writer;
  /** A cache, since every event asks for them. Only we change them, and each change clears it. */
  #webhooks: readonly Webhook[] | undefined;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  async create(
    id: string,
    terms: WebhookTerms,
    secret: string,
    by: Authorship,
    limit: number,
    owner: WebhookOwner | undefined,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string } | undefined> {
    const input = { id, terms, secret, by: byInput(by), limit, owner: owner && ownerToDoc(owner) };
    const made = await this.#changing(this.#writer.write("createWebhook", input));
    return made === null ? undefined : { ...made, webhook: toWebhook(made.webhook) };
  }

  async change(
    id: string,
    terms: WebhookTerms,
    secret: string | undefined,
    by: Authorship,
  ): Promise<Webhook | undefined> {
    const input = { id, terms, secret: secret ?? null, by: byInput(by) };
    const changed = await this.#changing(this.#writer.write("changeWebhook", input));
    return changed === null ? undefined : toWebhook(changed);
  }

  disable(id: string, because: string, by: Authorship): Promise<void> {
    const input = { id, because, by: byInput(by) };
    return this.#changing(this.#writer.write("disableWebhook", input));
  }

  remove(id: string, by: Authorship): Promise<boolean> {
    return this.#changing(this.#writer.write("removeWebhook", { id, by: byInput(by) }));
  }

  async webhook(id: string): Promise<Webhook | undefined> {
    return (await this.webhooks()).find((webhook) => webhook.id === id);
  }

  webhooks(): Promise<readonly Webhook[]> {
    this.#webhooks ??= this.#reader.all(
      "SELECT doc FROM webhooks ORDER BY created_at DESC, rowid DESC",
    ).map((row) => toWebhook(webhookFromRow(row)));
    return Promise.resolve(this.#webhooks);
  }

  secret(id: string): Promise<string | undefined> {
    const row = this.#reader.get("SELECT secret FROM webhooks WHERE id = ?", id);
    return Promise.resolve(row === undefined ? undefined : String(row["secret"]));
  }

  record(limit: number, at: Date): Promise<Recorded> {
    return this.#writer.write("recordDeliveries", { limit, at: at.getTime() });
  }

  waiting(webhookId: string, limit: number): Promise<readonly Delivery[]> {
    const rows = this.#reader.all(
      `SELECT * FROM deliveries WHERE webhook_id = ? AND due_at IS NOT NULL
       ORDER BY due_at, event_id LIMIT ?`,
      webhookId,
      limit,
    );
    return Promise.resolve(rows.map((row) => toDelivery(deliveryFromRow(row))));
  }

  delivery(id: string): Promise<Delivery | undefined> {
    const row = this.#reader.get("SELECT * FROM deliveries WHERE id = ?", id);
    return Promise.resolve(row === undefined ? undefined : toDelivery(deliveryFromRow(row)));
  }

  async attempted(write: AttemptWrite): Promise<void> {
    const { deliveryId: id, round, attempt, state, dueAt, gone } = write;
    const written = this.#writer.write("attemptedDelivery", {
      id,
      round,
      attempt: { ...attempt, at: attempt.at.getTime() },
      state,
      dueAt: dueAt?.getTime() ?? null,
      gone: gone ?? null,
    });
    await (gone === undefined ? written : this.#changing(written));
  }

  async replay(id: string, at: Date): Promise<Delivery | undefined> {
    const row = await this.#writer.write("replayDelivery", { id, at: at.getTime() });
    return row === null ? undefined : toDelivery(row);
  }

  async #changing<Output>(write: Promise<Output>): Promise<Output> {
    const output = await write;
    this.#webhooks = undefined;
    return output;
  }
}

function byInput({ actor, at }: Authorship): { actor: string; at: number } {
  return { actor, at: at.getTime() };
}
