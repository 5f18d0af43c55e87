/**
 * Webhooks and their deliveries as JSON: times are milliseconds, and secrets are not in it.
 * @module
 */
import type { Attempt, Delivery, DeliveryState, Webhook } from "../../webhooks/webhook.ts";
import type { Row } from "./database.ts";

/** A webhook as it is kept. */
export type WebhookRow = Omit<Webhook, "createdAt" | "changedAt"> & {
  readonly createdAt: number;
  readonly changedAt: number;
};

/** An attempt as it is kept. */
export type AttemptDoc = Omit<Attempt, "at"> & { readonly at: number };

/** A delivery as it is kept. */
export type DeliveryRow = Omit<Delivery, "createdAt" | "dueAt" | "attempts"> & {
  readonly createdAt: number;
  readonly dueAt: number | null;
  readonly attempts: readonly AttemptDoc[];
};

/** A webhook as the database has it. */
export function webhookFromRow(row: Row): WebhookRow {
  return JSON.parse(String(row["doc"]));
}

/** A webhook as it stands. */
export function toWebhook(row: WebhookRow): Webhook {
  return { ...row, createdAt: new Date(row.createdAt), changedAt: new Date(row.changedAt) };
}

/** A delivery as the database has it. */
export function deliveryFromRow(row: Row): DeliveryRow {
  return {
    id: String(row["id"]),
    webhookId: String(row["webhook_id"]),
    eventId: Number(row["event_id"]),
    type: String(row["type"]),
    state: String(row["state"]) as DeliveryState,
    createdAt: Number(row["created_at"]),
    dueAt: row["due_at"] === null ? null : Number(row["due_at"]),
    round: Number(row["round"]),
    failures: Number(row["failures"]),
    attempts: JSON.parse(String(row["attempts"])),
  };
}

/** A delivery as it stands. */
export function toDelivery(row: DeliveryRow): Delivery {
  return {
    ...row,
    createdAt: new Date(row.createdAt),
    dueAt: row.dueAt === null ? null : new Date(row.dueAt),
    attempts: row.attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at) })),
  };
}
