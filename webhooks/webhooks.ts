/**
 * The webhooks of this server and their deliveries.
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import type { EventLog } from "../events/event_log.ts";
import type { Tail } from "../events/tail.ts";
import { Dispatcher } from "./dispatcher.ts";
import { WEBHOOK_LIMITS, type WebhookLimits } from "./limits.ts";
import { NoSuchWebhook, WebhookConflict } from "./errors.ts";
import { newSecret } from "./signed_request.ts";
import { Outbox } from "./outbox.ts";
import { RETRY_DELAYS_MS } from "./retries.ts";
import type { WebhookChange, WebhookCreate } from "./schemas.ts";
import type { WebhookStore } from "./store.ts";
import { AllowedTargets, readTarget, type Resolve } from "./targets.ts";
import type { Delivery, Webhook, WebhookOwner, WebhookTerms } from "./webhook.ts";

/** What a test may override. */
export interface WebhookTuning {
  readonly delaysMs: readonly number[];
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly chance: () => number;
  readonly resolve: Resolve;
  readonly now: () => Date;
  readonly trusted: string;
}

/** What `Webhooks` needs from the world. */
export interface WebhooksPorts {
  readonly store: WebhookStore;
  readonly events: EventLog;
  readonly tail: Tail;
  readonly now: () => Date;
  /** Allowed private targets: `*`, addresses, CIDRs or host names. */
  readonly allowPrivate: readonly string[];
  /** Hears when we give up a delivery or a webhook. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly failed: (error: unknown) => void;
  readonly limits?: WebhookLimits;
  /** Whether the key or token of this owner is over: nothing is delivered to its webhook any more. */
  readonly ownerHasEnded?: (owner: WebhookOwner) => boolean;
  /** Counts a webhook that was refused. */
  readonly refused?: (reason: "webhooks" | "webhooks of a key") => void;
  readonly tuning?: Partial<WebhookTuning>;
}

/** Why a webhook is disabled with its key. */
const OWNER_ENDED = "the key that made it has been revoked or has expired";
const TOKEN_ENDED = "the token that made it has expired";

const TIMEOUT_MS = 15_000;
const RETRY_MS = 5_000;

/** Every webhook of this server. */
export class Webhooks {
  readonly #store: WebhookStore;
  readonly #now: () => Date;
  readonly #allowed: AllowedTargets;
  readonly #outbox: Outbox;
  readonly #dispatcher: Dispatcher;
  readonly #limits: WebhookLimits;
  readonly #refused: NonNullable<WebhooksPorts["refused"]>;
  readonly #ownerHasEnded: NonNullable<WebhooksPorts["ownerHasEnded"]>;

  constructor(ports: WebhooksPorts) {
    const { store, events, tail, now, allowPrivate, report, failed, tuning = {} } = ports;
    this.#limits = ports.limits ?? WEBHOOK_LIMITS;
    this.#refused = ports.refused ?? (() => {});
    this.#ownerHasEnded = ports.ownerHasEnded ?? (() => false);
    this.#store = store;
    this.#now = tuning.now ?? now;
    this.#allowed = new AllowedTargets(allowPrivate);
    const shared = { store, now: this.#now, failed, retryMs: tuning.retryMs ?? RETRY_MS };
    const dispatcher = new Dispatcher({
      ...shared,
      events,
      report,
      ownerHasEnded: this.#ownerHasEnded,
      client: {
        allowed: this.#allowed,
        resolve: tuning.resolve ?? resolveHere,
        timeoutMs: tuning.timeoutMs ?? TIMEOUT_MS,
        trusted: tuning.trusted,
      },
      delaysMs: tuning.delaysMs ?? RETRY_DELAYS_MS,
      chance: tuning.chance ?? Math.random,
    });
    this.#dispatcher = dispatcher;
    this.#outbox = new Outbox({ ...shared, tail, recorded: () => dispatcher.wake() });
  }

  /** Continues where the last server stopped. */
  start(): void {
    this.#outbox.start();
    this.#dispatcher.wake();
  }

  /** Aborts the running attempts, and resolves when all writes are done. */
  async stop(): Promise<void> {
    await this.#outbox.stop();
    await this.#dispatcher.stop();
  }

  /**
   * Creates a webhook, which gets the events from now on.
   * @param operation identifies the request: repeating it returns the same webhook
   * @param owner whose key makes it: it gets the events within the bounds of the key, while that lasts
   * @throws {TargetRefused} for a URL that must not be a target
   * @throws {WebhookConflict} when there are too many
   */
  async create(
    request: WebhookCreate,
    actor: string,
    operation?: string,
    owner?: WebhookOwner,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
    const by = { actor, at: this.#now() };
    const secret = request.secret ?? newSecret();
    const id = webhookId(operation);
    const terms = this.#terms(request);
    const { all, ofKey } = this.#limits;
    const webhooks = await this.#store.webhooks();
    const owned = webhooks.filter((webhook) =>
      webhook.owner?.id === owner?.id && webhook.owner?.issuer === owner?.issuer
    );
    if (owner !== undefined && owned.length >= ofKey && !owned.some((made) => made.id === id)) {
      this.#refused("webhooks of a key");
      throw new WebhookConflict(`Cannot add a webhook: your key has ${ofKey} already`);
    }
    const made = await this.#store.create(id, terms, secret, by, all, owner);
    if (made === undefined) {
      this.#refused("webhooks");
      throw new WebhookConflict(`Cannot add a webhook: there are ${all} already`);
    }
    this.#outbox.wake();
    return made;
  }

  /**
   * Changes a webhook. While it is disabled its waiting deliveries stay, and new events get none.
   * @throws {NoSuchWebhook} for an unknown id
   * @throws {TargetRefused} for a URL that must not be a target
   * @throws {WebhookConflict} when its owner's key or token is over, and it is to be enabled
   */
  async change(id: string, request: WebhookChange, actor: string): Promise<Webhook> {
    const { owner } = await this.get(id);
    if (request.enabled && owner !== undefined && this.#ownerHasEnded(owner)) {
      throw new WebhookConflict(`Cannot enable webhook ${id}: ${becauseOf(owner)}`);
    }
    const by = { actor, at: this.#now() };
    const changed = await this.#store.change(id, this.#terms(request), request.secret, by);
    if (changed === undefined) throw noWebhook(id);
    this.#outbox.wake();
    this.#dispatcher.wake();
    return changed;
  }

  /**
   * Removes a webhook and its deliveries.
   * @throws {NoSuchWebhook} for an unknown id
   */
  async remove(id: string, actor: string): Promise<void> {
    if (!await this.#store.remove(id, { actor, at: this.#now() })) throw noWebhook(id);
  }

  /** Disables the webhooks of those whose key has been revoked, or whose key or token has expired. */
  async disableEnded(): Promise<void> {
    for (const { id, enabled, owner } of await this.list()) {
      if (!enabled || owner === undefined || !this.#ownerHasEnded(owner)) continue;
      await this.#store.disable(id, becauseOf(owner), { actor: "clock", at: this.#now() });
    }
  }

  /**
   * Returns a webhook.
   * @throws {NoSuchWebhook} for an unknown id
   */
  async get(id: string): Promise<Webhook> {
    const webhook = await this.#store.webhook(id);
    if (webhook === undefined) throw noWebhook(id);
    return webhook;
  }

  /** All webhooks, newest first. */
  async list(): Promise<readonly Webhook[]> {
    return await this.#store.webhooks();
  }

  /**
   * One delivery with its attempts.
   * @throws {NoSuchWebhook} for unknown ids
   */
  async delivery(webhookId: string, id: string): Promise<Delivery> {
    await this.get(webhookId);
    const delivery = await this.#store.delivery(id);
    if (delivery?.webhookId !== webhookId) {
      throw new NoSuchWebhook(`There is no delivery ${id} of webhook ${webhookId}`);
    }
    return delivery;
  }

  /**
   * Sends a delivery again now, with a full set of attempts and the same id.
   * @throws {NoSuchWebhook} for unknown ids
   * @throws {WebhookConflict} while the webhook is disabled, or when its owner's key or token is over
   */
  async replay(webhookId: string, id: string): Promise<Delivery> {
    await this.delivery(webhookId, id);
    const { enabled, owner } = await this.get(webhookId);
    if (!enabled || owner !== undefined && this.#ownerHasEnded(owner)) {
      throw new WebhookConflict(`Cannot replay delivery ${id}: webhook ${webhookId} is disabled`);
    }
    const replayed = await this.#store.replay(id, this.#now());
    if (replayed === undefined) throw noWebhook(webhookId);
    this.#dispatcher.wake();
    return replayed;
  }

  #terms({ url, types, description, enabled }: WebhookCreate | WebhookChange): WebhookTerms {
    const { href } = readTarget(url, this.#allowed);
    return { url: href, types: [...new Set(types)], description, enabled };
  }
}

/** The refusal of an unknown webhook. */
export function noWebhook(id: string): NoSuchWebhook {
  return new NoSuchWebhook(`There is no webhook ${id}`);
}

function becauseOf({ issuer }: WebhookOwner): string {
  return issuer === undefined ? OWNER_ENDED : TOKEN_ENDED;
}

function webhookId(operation: string | undefined): string {
  const bytes = operation === undefined
    ? randomBytes(10)
    : createHash("sha256").update(operation).digest().subarray(0, 10);
  return `wh_${bytes.toString("hex")}`;
}

async function resolveHere(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true });
  // IPv4 first: attempts connect to the first address, and IPv6 is not everywhere.
  found.sort((one, other) => one.family - other.family);
  return found.map(({ address }) => address);
}
