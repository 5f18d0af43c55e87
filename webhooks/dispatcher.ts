/**
 * Sends the deliveries that are due. Each webhook has its own lanes: a slow or mute receiver fills
 * those and delays no other receiver.
 * @module
 */
import type { EventLog } from "../events/event_log.ts";
import { type Answer, type ClientOptions, post } from "./http_client.ts";
import { bodyOf, sign } from "./signed_request.ts";
import { afterAttempt } from "./retries.ts";
import { WakeLoop } from "./wake_loop.ts";
import type { AttemptWrite, WebhookStore } from "./store.ts";
import { readTarget } from "./targets.ts";
import type { Delivery, Webhook, WebhookOwner } from "./webhook.ts";

/** What the dispatcher needs from the world. */
export interface DispatcherPorts {
  readonly store: WebhookStore;
  readonly events: EventLog;
  readonly client: ClientOptions;
  readonly now: () => Date;
  /**
   * Whether the key or token of this owner is over. Its webhook is disabled soon after; it gets nothing
   * before that either.
   */
  readonly ownerHasEnded: (owner: WebhookOwner) => boolean;
  /** The delays between attempts. */
  readonly delaysMs: readonly number[];
  /** A random number from 0 to 1: spreads the attempts. */
  readonly chance: () => number;
  /** Hears when we give up a delivery or a webhook. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly failed: (error: unknown) => void;
  /** The pause between tries to write the outcome of an attempt while the store is unavailable. */
  readonly retryMs: number;
}

/**
 * Concurrent deliveries per webhook. Each may take the whole timeout and opens its own connection, so
 * a distant receiver could not keep up with one lane.
 */
export const LANES = 8;

/** Sends the deliveries that are due. */
export class Dispatcher {
  readonly #ports: DispatcherPorts;
  readonly #wakeLoop: WakeLoop;
  readonly #stopping = new AbortController();
  /** The running attempts, by webhook and delivery. */
  readonly #lanes = new Map<string, Map<string, Promise<void>>>();

  constructor(ports: DispatcherPorts) {
    this.#ports = ports;
    const { failed, retryMs } = ports;
    this.#wakeLoop = new WakeLoop({ work: () => this.#sendDue(), failed, retryMs });
  }

  /** Something may be due. */
  wake(): void {
    this.#wakeLoop.wake();
  }

  /**
   * Aborts the running attempts and resolves when all have ended. Their deliveries stay due, and are
   * sent again with the same id.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#wakeLoop.stop();
    await Promise.all([...this.#lanes.values()].flatMap((lanes) => [...lanes.values()]));
  }

  async #sendDue(): Promise<void> {
    let nextAt = Infinity;
    for (const webhook of await this.#ports.store.webhooks()) {
      if (this.#gets(webhook)) nextAt = Math.min(nextAt, await this.#sendDueOf(webhook));
    }
    if (nextAt !== Infinity) this.#wakeLoop.wakeAfter(nextAt - this.#ports.now().getTime());
  }

  #gets({ enabled, owner }: Webhook): boolean {
    return enabled && (owner === undefined || !this.#ports.ownerHasEnded(owner));
  }

  /** Fills the webhook's lanes. Returns when the next delivery is due, if a lane is still free. */
  async #sendDueOf(webhook: Webhook): Promise<number> {
    const lanes = this.#lanes.get(webhook.id) ?? new Map<string, Promise<void>>();
    this.#lanes.set(webhook.id, lanes);
    // A delivery that ends while we read may still look due: skip it in this round.
    const busy = new Set(lanes.keys());
    for (const delivery of await this.#ports.store.waiting(webhook.id, LANES + 1)) {
      if (this.#stopping.signal.aborted || lanes.size >= LANES) return Infinity;
      if (busy.has(delivery.id)) continue;
      const dueAt = delivery.dueAt!.getTime();
      if (dueAt > this.#ports.now().getTime()) return dueAt;
      lanes.set(delivery.id, this.#deliver(webhook, delivery));
    }
    return Infinity;
  }

  async #deliver(webhook: Webhook, delivery: Delivery): Promise<void> {
    try {
      await this.#attempt(webhook, delivery);
    } catch (error) {
      this.#ports.failed(error);
      // It is still due, and an immediate retry would fail again.
      await pause(this.#ports.retryMs, this.#stopping.signal);
    }
    const lanes = this.#lanes.get(webhook.id);
    lanes?.delete(delivery.id);
    if (lanes?.size === 0) this.#lanes.delete(webhook.id);
    this.wake();
  }

  async #attempt(webhook: Webhook, delivery: Delivery): Promise<void> {
    const { store, now, delaysMs, chance, report } = this.#ports;
    const secret = await store.secret(webhook.id);
    // The webhook has been removed.
    if (secret === undefined) return;
    const at = now();
    const answer = await this.#ask(webhook, delivery, secret, at);
    if (answer.status === null && this.#stopping.signal.aborted) return;
    const after = now();
    const { state, dueAt, gone } = afterAttempt(answer, delivery, delaysMs, after, chance());
    const { status, error, excerpt } = answer;
    const durationMs = after.getTime() - at.getTime();
    const ids = { webhookId: webhook.id, deliveryId: delivery.id, status };
    if (state === "dead") report("a delivery is given up", ids);
    if (gone) report("a webhook is disabled: its receiver is gone", ids);
    await this.#persist({
      deliveryId: delivery.id,
      round: delivery.round,
      attempt: { at, durationMs, status, error, excerpt },
      state,
      dueAt,
      ...(gone ? { gone: { url: webhook.url, because: `The receiver answered ${status}` } } : {}),
    });
  }

  async #ask(webhook: Webhook, delivery: Delivery, secret: string, now: Date): Promise<Answer> {
    try {
      const [event] = await this.#ports.events.after(delivery.eventId - 1, {}, 1);
      if (event?.id !== delivery.eventId) throw new Error("the event is not in the log");
      // The allowed targets may have changed since the webhook was created.
      const url = readTarget(webhook.url, this.#ports.client.allowed);
      const request = sign({ url, id: delivery.id, body: bodyOf(event), secret, now });
      return await post(request, this.#ports.client, this.#stopping.signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { status: null, error: why, excerpt: null, retryAfter: null };
    }
  }

  /** Holds the lane until the outcome is written: otherwise the delivery would be repeated. */
  async #persist(write: AttemptWrite): Promise<void> {
    for (let tries = 0;; tries++) {
      try {
        return await this.#ports.store.attempted(write);
      } catch (error) {
        if (tries === 0) this.#ports.failed(error);
        if (this.#stopping.signal.aborted) return;
        await pause(this.#ports.retryMs, this.#stopping.signal);
      }
    }
  }
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  if (stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopping.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.addEventListener("abort", done);
  });
}
