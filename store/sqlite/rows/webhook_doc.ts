/**
 * Webhooks and their deliveries as JSON: times are milliseconds; secrets are left out.
 * @module
 */
import type {
  Attempt,
  Delivery,
  DeliveryState,
  Webhook,
  WebhookOwner,
} from "../../../webhooks/webhook.ts";
import type { Row } from "../database.ts";

/** The owner of a webhook as it is stored: without `expiresAt` when it has no end, or is older. */
export type OwnerDoc = Omit<WebhookOwner, "expiresAt"> & { readonly expiresAt?: number };

/** A webhook as it is stored. */
export type WebhookRow = Omit<Webhook, "createdAt" | "changedAt" | "owner"> & {
  readonly createdAt: number;
  readonly changedAt: number;
  readonly owner?: OwnerDoc | undefined;
};

/** An attempt as it is stored. */
export type AttemptDoc = Omit<Attempt, "at"> & { readonly at: number };

/** A delivery as it is stored. */
export type DeliveryRow = Omit<Delivery, "createdAt" | "dueAt" | "attempts"> & {
  readonly createdAt: number;
  readonly dueAt: number | null;
  readonly attempts: readonly AttemptDoc[];
};

/** Reads a webhook from its row. */
export function webhookFromRow(row: Row): WebhookRow {
  return JSON.parse(String(row["doc"]));
}

/** The webhook of a row. */
export function toWebhook({ createdAt, changedAt, owner, ...row }: WebhookRow): Webhook {
  return {
    ...row,
    createdAt: new Date(createdAt),
    changedAt: new Date(changedAt),
    ...(owner === undefined ? {} : { owner: toOwner(owner) }),
  };
}

/** An owner as it is stored. */
export function ownerToDoc({ expiresAt, ...owner }: WebhookOwner): OwnerDoc {
  return expiresAt == null ? owner : { ...owner, expiresAt: expiresAt.getTime() };
}

function toOwner({ expiresAt, ...owner }: OwnerDoc): WebhookOwner {
  return { ...owner, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) };
}

/** Reads a delivery from its row. */
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

/** The delivery of a row. */
export function toDelivery(row: DeliveryRow): Delivery {
  return {
    ...row,
    createdAt: new Date(row.createdAt),
    dueAt: row.dueAt === null ? null : new Date(row.dueAt),
    attempts: row.attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at) })),
  };
}
