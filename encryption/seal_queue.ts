/**
 * Encrypts messages to many clients in the order of arrival, a few at a time: encrypting costs
 * a thousand times as much as sending.
 * @module
 */
import type { ClientKey } from "./client_key.ts";

/** How many messages the encrypting thread gets at once. */
const AT_ONCE = 8;
/** How many may be queued: a payment for ten thousand clients, several times. */
const MOST_WAITING = 50_000;

/** One message to one client. */
export interface Sealing {
  readonly clientId: string;
  /** Without a key the message is sent unchanged, in its turn. */
  readonly key: ClientKey | undefined;
  readonly message: object;
  /** Receives the JWE; undefined without a key. */
  tell(jwe: string | undefined): void;
  /** Called when it cannot be encrypted. */
  fail(error: unknown): void;
}

/** Encrypts a message for a key. */
export type Seal = (key: ClientKey, message: object) => Promise<string>;

/** Encrypts messages in order. */
export class SealQueue {
  readonly #waiting: Sealing[] = [];
  readonly #seal: Seal;
  readonly #mostWaiting: number;
  /** The number of unsent messages to each client. */
  readonly #untold = new Map<string, number>();
  #running: Promise<void> | undefined;

  /** `seal` encrypts one message. */
  constructor(seal: Seal, mostWaiting: number = MOST_WAITING) {
    this.#seal = seal;
    this.#mostWaiting = mostWaiting;
  }

  /** Whether messages to this client are queued: the next one goes behind them. */
  holds(clientId: string): boolean {
    return this.#untold.has(clientId);
  }

  /** Adds a message; false when too many are queued. */
  push(sealing: Sealing): boolean {
    if (this.#waiting.length >= this.#mostWaiting) return false;
    this.#untold.set(sealing.clientId, (this.#untold.get(sealing.clientId) ?? 0) + 1);
    this.#waiting.push(sealing);
    this.#running ??= this.#run();
    return true;
  }

  /** Resolves when everything has been sent. */
  get settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    // `push` must keep the promise before the end of the run forgets it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const slice = this.#waiting.splice(0, AT_ONCE);
      const sealed = await Promise.allSettled(
        slice.map(({ key, message }) => key === undefined ? undefined : this.#seal(key, message)),
      );
      for (const [at, sealing] of slice.entries()) this.#settle(sealing, sealed[at]!);
    }
    this.#running = undefined;
  }

  #settle(sealing: Sealing, sealed: PromiseSettledResult<string | undefined>): void {
    const untold = this.#untold.get(sealing.clientId)! - 1;
    if (untold === 0) this.#untold.delete(sealing.clientId);
    else this.#untold.set(sealing.clientId, untold);
    if (sealed.status === "fulfilled") sealing.tell(sealed.value);
    else sealing.fail(sealed.reason);
  }
}
