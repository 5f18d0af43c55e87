/**
 * What webhooks and their deliveries need from a store.
 * @module
 */
import type {
  Attempt,
  Delivery,
  DeliveryState,
  Webhook,
  WebhookOwner,
  WebhookTerms,
} from "./webhook.ts";

/** Who changed a webhook, and when: for the audit. */
export interface Authorship {
  readonly actor: string;
  readonly at: Date;
}

/** The outcome of recording deliveries. */
export interface Recorded {
  /** How many deliveries are new. */
  readonly deliveries: number;
  /** Every event up to this one has its deliveries. */
  readonly upToEventId: number;
  /** Whether there are events after it. */
  readonly more: boolean;
}

/** The outcome of one attempt, and what follows. */
export interface AttemptWrite {
  readonly deliveryId: string;
  /** The round of the attempt: after a replay since then, `state` and `dueAt` are ignored. */
  readonly round: number;
  readonly attempt: Attempt;
  readonly state: DeliveryState;
  readonly dueAt: Date | null;
  /** The receiver is gone: disables the webhook if it still has the URL that said so. */
  readonly gone?: { readonly url: string; readonly because: string };
}

/** Stores webhooks. Every change of a webhook also goes to the audit trail. */
export interface WebhookStore {
  /**
   * Creates a webhook, which gets the events from now on. Returns the one that has this id if there
   * is one, and undefined when there are `limit` others.
   */
  create(
    id: string,
    terms: WebhookTerms,
    secret: string,
    by: Authorship,
    limit: number,
    owner: WebhookOwner | undefined,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string } | undefined>;
  /** Changes a webhook, and its secret if one is given. Once enabled, it gets the events from then on. */
  change(
    id: string,
    terms: WebhookTerms,
    secret: string | undefined,
    by: Authorship,
  ): Promise<Webhook | undefined>;
  /** Disables a webhook of ours, and says why. */
  disable(id: string, because: string, by: Authorship): Promise<void>;
  /** Removes a webhook and its deliveries; false when there is none. */
  remove(id: string, by: Authorship): Promise<boolean>;
  /** A webhook by its id. */
  webhook(id: string): Promise<Webhook | undefined>;
  /** All webhooks, newest first. */
  webhooks(): Promise<readonly Webhook[]>;
  /** The secret that signs a webhook's deliveries. */
  secret(id: string): Promise<string | undefined>;
  /**
   * Records the deliveries of the next events, `limit` at most, and how far it got: both or neither,
   * so no event is skipped and none is recorded twice.
   */
  record(limit: number, at: Date): Promise<Recorded>;
  /** The waiting deliveries of a webhook, the next due first. */
  waiting(webhookId: string, limit: number): Promise<readonly Delivery[]>;
  /** One delivery. */
  delivery(id: string): Promise<Delivery | undefined>;
  /** Writes the outcome of an attempt; nothing when the delivery has been removed. */
  attempted(write: AttemptWrite): Promise<void>;
  /** Makes a delivery due at this time, with a full set of attempts. */
  replay(id: string, at: Date): Promise<Delivery | undefined>;
}
