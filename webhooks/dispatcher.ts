/**
 * Sends the deliveries that are due. Each webhook has lanes of its own, and there are only so many
 * webhooks: a receiver that is slow or mute fills its own lanes and takes nothing from the others.
 * @module
 */
import type { EventLog } from "../events/event_log.ts";
import { type Answer, type ClientOptions, post } from "./http_client.ts";
import { bodyOf, sign } from "./signed_request.ts";
import { judge } from "./retries.ts";
import { WakeLoop } from "./wake_loop.ts";
import type { AttemptWrite, WebhookStore } from "./store.ts";
import { readTarget } from "./targets.ts";
import type { Delivery, Webhook } from "./webhook.ts";

/** What sending needs from the world. */
export interface DispatcherPorts {
  readonly store: WebhookStore;
  readonly events: EventLog;
  readonly client: ClientOptions;
  readonly now: () => Date;
  /** From one attempt to the next. */
  readonly delaysMs: readonly number[];
  /** From 0 to 1: spreads the attempts. */
  readonly chance: () => number;
  /** Is told when we give a delivery or a webhook up. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly failed: (error: unknown) => void;
  /** From one try to write what came of an attempt to the next, while the disk takes nothing. */
  readonly retryMs: number;
}

/**
 * Deliveries of one webhook that are on their way at a time. Each may take the whole time-out, and
 * every attempt opens its own connection: with a single lane a far receiver could not keep up.
 */
export const LANES = 8;

/** Sends what is due. */
export class Dispatcher {
  readonly #ports: DispatcherPorts;
  readonly #wakeLoop: WakeLoop;
  readonly #stopping = new AbortController();
  /** What is on its way, by webhook. */
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
   * Breaks off what is on its way, and resolves when all is quiet. What was broken off stays due:
   * it is sent again under the same id.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#wakeLoop.stop();
    await Promise.all([...this.#lanes.values()].flatMap((lanes) => [...lanes.values()]));
  }

  async #sendDue(): Promise<void> {
    let nextAt = Infinity;
    for (const webhook of await this.#ports.store.webhooks()) {
      if (webhook.enabled) nextAt = Math.min(nextAt, await this.#sendDueOf(webhook));
    }
    if (nextAt !== Infinity) this.#wakeLoop.wakeAfter(nextAt - this.#ports.now().getTime());
  }

  /** Fills the webhook's lanes, and says when one more is due for a lane that is still free. */
  async #sendDueOf(webhook: Webhook): Promise<number> {
    const lanes = this.#lanes.get(webhook.id) ?? new Map<string, Promise<void>>();
    this.#lanes.set(webhook.id, lanes);
    // What ends while we read may be read as it was before: it is not sent again in this round.
    const busy = new Set(lanes.keys());
    for (const delivery of await this.#ports.store.waiting(webhook.id, LANES + 1)) {
      if (this.#stopping.signal.aborted || lanes.size >= LANES) return Infinity;
      if (busy.has(delivery.id)) continue;
      const dueAt = delivery.dueAt!.getTime();
      if (dueAt > this.#ports.now().getTime()) return dueAt;
      lanes.set(delivery.id, this.#carry(webhook, delivery));
    }
    return Infinity;
  }

  async #carry(webhook: Webhook, delivery: Delivery): Promise<void> {
    try {
      await this.#attempt(webhook, delivery);
    } catch (error) {
      this.#ports.failed(error);
      // It is still due: at once it would fail again.
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
    // It has been taken away.
    if (secret === undefined) return;
    const at = now();
    const answer = await this.#ask(webhook, delivery, secret, at);
    if (answer.status === null && this.#stopping.signal.aborted) return;
    const after = now();
    const { state, dueAt, gone } = judge(answer, delivery, delaysMs, after, chance());
    const { status, error, excerpt } = answer;
    const durationMs = after.getTime() - at.getTime();
    const ids = { webhookId: webhook.id, deliveryId: delivery.id, status };
    if (state === "dead") report("a delivery is given up", ids);
    if (gone) report("a webhook is disabled: its receiver is gone", ids);
    await this.#keep({
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
      if (event?.id !== delivery.eventId) throw new Error("the event is not in the record");
      // What was allowed when the webhook was made may not be allowed any more.
      const url = readTarget(webhook.url, this.#ports.client.allowed);
      const request = sign({ url, id: delivery.id, body: bodyOf(event), secret, now });
      return await post(request, this.#ports.client, this.#stopping.signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { status: null, error: why, excerpt: null, retryAfter: null };
    }
  }

  /** While it cannot be kept the lane stays taken: otherwise it would be sent again and again. */
  async #keep(write: AttemptWrite): Promise<void> {
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
