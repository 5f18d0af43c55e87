/**
 * A webhook is a URL that receives events; a delivery is one event for one webhook.
 * @module
 */
import type { Bounds } from "../access/bounds.ts";

/** What a client can set of a webhook. */
export interface WebhookTerms {
  /** The receiver, as the URL parser writes it. */
  readonly url: string;
  /** Types of events; `*` is all. */
  readonly types: readonly string[];
  readonly description: string | null;
  /** Whether events are recorded and sent. */
  readonly enabled: boolean;
}

/** Whose key has made a webhook. It never changes. */
export interface WebhookOwner {
  /** By which the webhooks of a key are counted: the id of its holder. */
  readonly id: string;
  /** Who has issued the token that it was made with; missing for keys. */
  readonly issuer?: string | undefined;
  /** Only events within these bounds are delivered; undefined delivers all. */
  readonly bounds?: Bounds | undefined;
  /** When the key or token expires; nothing is delivered from then on. Null is never. */
  readonly expiresAt?: Date | null | undefined;
}

/** A webhook. Its secret is stored apart, so it cannot leak by mistake. */
export interface Webhook extends WebhookTerms {
  readonly id: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** Why we disabled it ourselves; null when we did not. */
  readonly disabledBecause: string | null;
  /** Missing where no key was needed, or it is older than keys. */
  readonly owner?: WebhookOwner;
}

/** To be sent, accepted by the receiver, or given up. */
export type DeliveryState = "waiting" | "delivered" | "dead";

/** One attempt to deliver. */
export interface Attempt {
  readonly at: Date;
  readonly durationMs: number;
  /** The status of the answer; null when there was none. */
  readonly status: number | null;
  /** Why it failed; null when it succeeded. */
  readonly error: string | null;
  /** The beginning of the answer's body; null when there was none. */
  readonly excerpt: string | null;
}

/** One event for one webhook. */
export interface Delivery {
  /** The `webhook-id` of every attempt, made of the ids of the webhook and the event. */
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: number;
  /** The event's type. */
  readonly type: string;
  readonly state: DeliveryState;
  readonly createdAt: Date;
  /** When the next attempt is; null when there is none. */
  readonly dueAt: Date | null;
  /** Counts replays, so an attempt of one round does not decide about the next. */
  readonly round: number;
  /** Failed attempts in this round. */
  readonly failures: number;
  /** The latest ones, oldest first. */
  readonly attempts: readonly Attempt[];
}
