/**
 * Follows the event log and records a delivery for each event that a webhook wants. Its position is
 * stored with the deliveries, so it continues there after a crash.
 * @module
 */
import type { StoredEvent } from "../events/event_log.ts";
import type { Tail } from "../events/tail.ts";
import { WakeLoop } from "./wake_loop.ts";
import type { WebhookStore } from "./store.ts";

/** What the outbox needs from the world. */
export interface OutboxPorts {
  readonly store: WebhookStore;
  readonly tail: Tail;
  readonly now: () => Date;
  /** Hears when there are new deliveries. */
  readonly recorded: () => void;
  readonly failed: (error: unknown) => void;
  readonly retryMs: number;
}

const PAGE_EVENTS = 500;

/** Unwanted events cost no write, but a restart reads them again: at most this many. */
const UNWANTED_EVENTS = 5000;

/** Turns events into deliveries. */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #wakeLoop: WakeLoop;
  #following: Disposable | undefined;
  #upToEventId = 0;
  #stopped = false;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    const { failed, retryMs } = ports;
    this.#wakeLoop = new WakeLoop({ work: () => this.#record(), failed, retryMs });
  }

  /** Records what was left, and follows the log while there are webhooks. */
  start(): void {
    this.wake();
  }

  /** A changed webhook may want events. */
  wake(): void {
    this.#wakeLoop.wake();
  }

  /** Stops following, and resolves when nothing is being recorded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#following?.[Symbol.dispose]();
    await this.#wakeLoop.stop();
  }

  /** Where nobody wants events, they need not even be read. */
  #follow(isWanted: boolean): void {
    if (!isWanted) this.#following?.[Symbol.dispose]();
    // The next round reads again, and reports and retries when it cannot.
    this.#following = !isWanted ? undefined : this.#following ??
      this.#ports.tail.listen((events) => void this.#hear(events).catch(() => this.wake()));
  }

  async #hear(events: readonly StoredEvent[]): Promise<void> {
    const types = await this.#wantedTypes();
    if (types.size === 0) return;
    const wanted = types.has("*") || events.some(({ type }) => types.has(type));
    const behind = (events.at(-1)?.id ?? 0) - this.#upToEventId;
    if (wanted || behind > UNWANTED_EVENTS) this.wake();
  }

  async #record(): Promise<void> {
    const isWanted = (await this.#wantedTypes()).size > 0;
    if (this.#stopped) return;
    this.#follow(isWanted);
    let more = isWanted;
    while (more && !this.#stopped) {
      const recorded = await this.#ports.store.record(PAGE_EVENTS, this.#ports.now());
      this.#upToEventId = recorded.upToEventId;
      if (recorded.deliveries > 0) this.#ports.recorded();
      more = recorded.more;
    }
  }

  async #wantedTypes(): Promise<ReadonlySet<string>> {
    const webhooks = await this.#ports.store.webhooks();
    return new Set(webhooks.filter(({ enabled }) => enabled).flatMap(({ types }) => types));
  }
}
