/**
 * Writes webhooks and their deliveries.
 * @module
 */
import type { Bounds } from "../../../access/bounds.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "../database.ts";
import { WITHIN, withinValues } from "../rows/within.ts";
import {
  type AttemptDoc,
  deliveryFromRow,
  type DeliveryRow,
  type OwnerDoc,
  webhookFromRow,
  type WebhookRow,
} from "../rows/webhook_doc.ts";

/** What a webhook is for, as the writer takes it. */
export interface TermsInput {
  readonly url: string;
  readonly types: readonly string[];
  readonly description: string | null;
  readonly enabled: boolean;
}

interface By {
  readonly actor: string;
  readonly at: number;
}

/** How many attempts of a delivery are stored. */
const STORED_ATTEMPTS = 50;

/** Names the cursor that says up to which event deliveries are recorded. */
const CURSOR = "webhooks";

/** The writes of webhooks. */
export const webhookWrites = {
  /** Inserts a webhook, or returns the one that has its id; null when there are too many. */
  createWebhook(
    database: Database,
    input: {
      id: string;
      terms: TermsInput;
      secret: string;
      by: By;
      limit: number;
      owner: OwnerDoc | undefined;
    },
  ): { webhook: WebhookRow; secret: string } | null {
    const { id, terms, secret, by, limit, owner } = input;
    const made = database.get("SELECT * FROM webhooks WHERE id = ?", id);
    if (made !== undefined) {
      return { webhook: webhookFromRow(made), secret: String(made["secret"]) };
    }
    const count = database.get("SELECT COUNT(*) AS webhooks FROM webhooks");
    if (Number(count?.["webhooks"]) >= limit) return null;
    const times = { createdAt: by.at, changedAt: by.at };
    const webhook = { id, ...terms, ...times, disabledBecause: null, owner };
    database.run(
      `INSERT INTO webhooks (id, created_at, enabled, after_event_id, secret, doc)
       VALUES (?, ?, ?, ?, ?, ?)`,
      id,
      by.at,
      terms.enabled ? 1 : 0,
      lastEventId(database),
      secret,
      JSON.stringify(webhook),
    );
    audit(database, by, "webhook_created", null, webhook);
    return { webhook, secret };
  },

  /** Changes a webhook; null when there is none. */
  changeWebhook(
    database: Database,
    input: { id: string; terms: TermsInput; secret: string | null; by: By },
  ): WebhookRow | null {
    const { id, terms, secret, by } = input;
    const before = webhookOf(database, id);
    if (before === undefined) return null;
    const disabledBecause = terms.enabled ? null : before.disabledBecause;
    const after = { ...before, ...terms, changedAt: by.at, disabledBecause };
    // It gets no events from the time when it was disabled.
    persistWebhook(database, after, terms.enabled && !before.enabled);
    if (secret !== null) database.run("UPDATE webhooks SET secret = ? WHERE id = ?", secret, id);
    const told = secret === null ? after : { ...after, secretChanged: true };
    audit(database, by, "webhook_changed", before, told);
    return after;
  },

  /** Disables a webhook that is enabled. */
  disableWebhook(
    database: Database,
    { id, because, by }: { id: string; because: string; by: By },
  ): void {
    const before = webhookOf(database, id);
    if (before?.enabled) disableNow(database, before, because, by);
  },

  /** Removes a webhook; false when there is none. */
  removeWebhook(database: Database, { id, by }: { id: string; by: By }): boolean {
    const before = webhookOf(database, id);
    if (before === undefined) return false;
    database.run("DELETE FROM deliveries WHERE webhook_id = ?", id);
    database.run("DELETE FROM webhooks WHERE id = ?", id);
    audit(database, by, "webhook_removed", before, { id });
    return true;
  },

  /** Records the deliveries of the next events, and moves the cursor. */
  recordDeliveries(
    database: Database,
    { limit, at }: { limit: number; at: number },
  ): { deliveries: number; upToEventId: number; more: boolean } {
    const webhooks = database.all("SELECT * FROM webhooks WHERE enabled = 1").map((row) => ({
      ...webhookFromRow(row),
      afterEventId: Number(row["after_event_id"]),
    }));
    const cursor = database.get("SELECT event_id FROM cursors WHERE name = ?", CURSOR);
    // No webhook wants events from before the first one existed.
    const first = Math.min(...webhooks.map(({ afterEventId }) => afterEventId));
    const afterId = Math.max(Number(cursor?.["event_id"] ?? 0), first);
    if (webhooks.length === 0) return { deliveries: 0, upToEventId: 0, more: false };
    const events = database.all(
      "SELECT id, type FROM events WHERE id > ? ORDER BY id LIMIT ?",
      afterId,
      limit,
    );
    let deliveries = 0;
    for (const event of events) {
      const eventId = Number(event["id"]);
      const type = String(event["type"]);
      for (const { id, types, afterEventId, owner } of webhooks) {
        if (eventId <= afterEventId || !(types.includes("*") || types.includes(type))) continue;
        if (owner?.expiresAt !== undefined && owner.expiresAt <= at) continue;
        if (owner?.bounds !== undefined && !isWithin(database, eventId, owner.bounds)) continue;
        deliveries += recordDelivery(database, id, eventId, type, at);
      }
    }
    const upToEventId = Number(events.at(-1)?.["id"] ?? afterId);
    database.run(
      `INSERT INTO cursors (name, event_id) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET event_id = excluded.event_id`,
      CURSOR,
      upToEventId,
    );
    return { deliveries, upToEventId, more: events.length === limit };
  },

  /** Writes the outcome of an attempt; nothing when the delivery has been removed. */
  attemptedDelivery(
    database: Database,
    input: {
      id: string;
      round: number;
      attempt: AttemptDoc;
      state: string;
      dueAt: number | null;
      gone: { url: string; because: string } | null;
    },
  ): void {
    const { id, round, attempt, state, dueAt, gone } = input;
    const row = database.get("SELECT * FROM deliveries WHERE id = ?", id);
    if (row === undefined) return;
    const before = deliveryFromRow(row);
    const attempts = JSON.stringify([...before.attempts, attempt].slice(-STORED_ATTEMPTS));
    // A replay that was requested meanwhile is still due.
    const same = before.round === round;
    database.run(
      "UPDATE deliveries SET state = ?, due_at = ?, failures = ?, attempts = ? WHERE id = ?",
      same ? state : before.state,
      same ? dueAt : before.dueAt,
      before.failures + (same && attempt.error !== null ? 1 : 0),
      attempts,
      id,
    );
    if (gone !== null) disable(database, before.webhookId, gone, attempt.at);
  },

  /** Makes a delivery due again with a full set of attempts; null when there is none. */
  replayDelivery(database: Database, { id, at }: { id: string; at: number }): DeliveryRow | null {
    database.run(
      `UPDATE deliveries SET state = 'waiting', due_at = ?, failures = 0, round = round + 1
       WHERE id = ?`,
      at,
      id,
    );
    const row = database.get("SELECT * FROM deliveries WHERE id = ?", id);
    return row === undefined ? null : deliveryFromRow(row);
  },
};

/** The id is made of the webhook and the event, so recording it again changes nothing. */
function recordDelivery(
  database: Database,
  webhookId: string,
  eventId: number,
  type: string,
  at: number,
): number {
  return database.run(
    `INSERT OR IGNORE INTO deliveries (id, webhook_id, event_id, type, state, due_at, created_at)
     VALUES (?, ?, ?, ?, 'waiting', ?, ?)`,
    `msg_${webhookId.replace(/^wh_/, "")}_${eventId}`,
    webhookId,
    eventId,
    type,
    at,
    at,
  ).changes;
}

/** Disables a webhook, unless its URL has changed: the new one did not answer 410. */
function disable(
  database: Database,
  id: string,
  { url, because }: { url: string; because: string },
  at: number,
): void {
  const before = webhookOf(database, id);
  if (before === undefined || !before.enabled || before.url !== url) return;
  disableNow(database, before, because, { actor: "receiver", at });
}

function disableNow(database: Database, before: WebhookRow, because: string, by: By): void {
  const after = { ...before, enabled: false, changedAt: by.at, disabledBecause: because };
  persistWebhook(database, after, false);
  audit(database, by, "webhook_disabled", before, after);
}

/** Whether an event is one of those that a bound webhook delivers. */
function isWithin(database: Database, eventId: number, bounds: Bounds): boolean {
  const sql = `SELECT 1 FROM events WHERE id = ? AND ${WITHIN}`;
  return database.get(sql, eventId, ...withinValues(bounds)) !== undefined;
}

function persistWebhook(database: Database, webhook: WebhookRow, fromNow: boolean): void {
  database.run(
    "UPDATE webhooks SET enabled = ?, doc = ? WHERE id = ?",
    webhook.enabled ? 1 : 0,
    JSON.stringify(webhook),
    webhook.id,
  );
  if (!fromNow) return;
  const last = lastEventId(database);
  database.run("UPDATE webhooks SET after_event_id = ? WHERE id = ?", last, webhook.id);
}

function webhookOf(database: Database, id: string): WebhookRow | undefined {
  const row = database.get("SELECT * FROM webhooks WHERE id = ?", id);
  return row === undefined ? undefined : webhookFromRow(row);
}

function lastEventId(database: Database): number {
  return Number(database.get("SELECT MAX(id) AS id FROM events")?.["id"] ?? 0);
}

function audit(
  database: Database,
  { actor, at }: By,
  action: string,
  before: WebhookRow | null,
  after: { readonly id: string },
): void {
  appendAudit(database, {
    at,
    actor,
    action,
    subject: `webhook ${after.id}`,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  });
}
