/**
 * Where webhooks and their deliveries are kept.
 * @module
 */
import type { Attempt, Delivery, DeliveryState, Webhook, WebhookTerms } from "./webhook.ts";

/** Who changed a webhook, and when: for the audit. */
export interface Authorship {
  readonly actor: string;
  readonly at: Date;
}

/** Which deliveries are asked for; the latest event first. */
export interface DeliveryQuery {
  readonly webhookId: string;
  readonly state?: DeliveryState;
  /** Only of events before this one. */
  readonly beforeEventId?: number;
  readonly limit: number;
}

/** What came of recording deliveries. */
export interface Recorded {
  /** How many deliveries are new. */
  readonly deliveries: number;
  /** Every event up to this one has its deliveries. */
  readonly upToEventId: number;
  /** Whether there are events after it. */
  readonly more: boolean;
}

/** What came of one attempt, and what follows. */
export interface AttemptWrite {
  readonly deliveryId: string;
  /** The round it was made in: when there has been a replay since, `state` and `dueAt` are not taken. */
  readonly round: number;
  readonly attempt: Attempt;
  readonly state: DeliveryState;
  readonly dueAt: Date | null;
  /** The receiver is gone: the webhook is disabled, if it still has the URL that said so. */
  readonly gone?: { readonly url: string; readonly because: string };
}

/** Keeps webhooks. Every change of a webhook is written to the audit trail with it. */
export interface WebhookStore {
  /**
   * Keeps a new webhook, which is told of events from now on. Gives the one that has this id if
   * there is one already, and undefined when there are `limit` others.
   */
  create(
    id: string,
    terms: WebhookTerms,
    secret: string,
    by: Authorship,
    limit: number,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string } | undefined>;
  /** Changes a webhook, and its secret if one is given. One that is enabled hears from now on. */
  change(
    id: string,
    terms: WebhookTerms,
    secret: string | undefined,
    by: Authorship,
  ): Promise<Webhook | undefined>;
  /** Takes a webhook away, with its deliveries; false when there is none. */
  remove(id: string, by: Authorship): Promise<boolean>;
  /** A webhook by its id. */
  webhook(id: string): Promise<Webhook | undefined>;
  /** All webhooks, newest first. */
  webhooks(): Promise<readonly Webhook[]>;
  /** What a webhook's deliveries are signed with. */
  secret(id: string): Promise<string | undefined>;
  /**
   * Records what is to be delivered of the next `limit` events at most, and how far this has come:
   * both or neither, so that no event is left out and none is recorded twice.
   */
  record(limit: number, at: Date): Promise<Recorded>;
  /** The deliveries of a webhook that wait, the next due first. */
  waiting(webhookId: string, limit: number): Promise<readonly Delivery[]>;
  /** One delivery. */
  delivery(id: string): Promise<Delivery | undefined>;
  /** One page of deliveries. */
  deliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Keeps what came of an attempt. A delivery that has been taken away meanwhile stays away. */
  attempted(write: AttemptWrite): Promise<void>;
  /** Makes a delivery due at this time, with all its attempts before it. */
  replay(id: string, at: Date): Promise<Delivery | undefined>;
}
