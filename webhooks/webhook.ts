/**
 * What a webhook is: somebody's URL that is told of events, and a delivery for each of them.
 * @module
 */

/** What a webhook is for, as it is asked for. */
export interface WebhookTerms {
  /** Where to, as the URL parser writes it. */
  readonly url: string;
  /** Types of events of the log; `*` is all. */
  readonly types: readonly string[];
  readonly description: string | null;
  /** Nothing is recorded or sent for one that is not. */
  readonly enabled: boolean;
}

/** A webhook as it stands. Its secret is kept apart, so that it cannot be shown by mistake. */
export interface Webhook extends WebhookTerms {
  readonly id: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** Why we disabled it ourselves; null when we have not. */
  readonly disabledBecause: string | null;
}

/** Where a delivery stands: to be sent, taken by the receiver, or given up. */
export type DeliveryState = "waiting" | "delivered" | "dead";

/** One try to deliver. */
export interface Attempt {
  readonly at: Date;
  readonly durationMs: number;
  /** The receiver's status; null when there was none. */
  readonly status: number | null;
  /** Why it failed; null when it did not. */
  readonly error: string | null;
  /** How the receiver's body begins; null when there was none. */
  readonly excerpt: string | null;
}

/** One event on its way to one webhook. */
export interface Delivery {
  /** The `webhook-id` of every attempt: made of the webhook and the event, so there is only one. */
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: number;
  /** The event's type. */
  readonly type: string;
  readonly state: DeliveryState;
  readonly createdAt: Date;
  /** When it is sent next; null when it is not. */
  readonly dueAt: Date | null;
  /** Counts replays: what is found out in one round does not decide about the next. */
  readonly round: number;
  /** Attempts that have failed in this round. */
  readonly failures: number;
  /** The latest ones, oldest first. */
  readonly attempts: readonly Attempt[];
}
