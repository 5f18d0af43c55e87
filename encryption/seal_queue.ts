/**
 * Encrypts messages to many clients in the order in which they came, some at a time: encrypting costs
 * a thousand times as much as sending.
 * @module
 */
import type { ClientKey } from "./client_key.ts";

/** How many messages are under way to the thread that encrypts. */
const AT_ONCE = 8;
/** How many may wait: a payment that ten thousand clients hear, several times. */
const MOST_WAITING = 50_000;

/** One message to one client. */
export interface Sealing {
  readonly clientId: string;
  /** Without a key the message is told as it is, in its turn. */
  readonly key: ClientKey | undefined;
  readonly message: object;
  /** Gets the JWE; undefined without a key. */
  tell(jwe: string | undefined): void;
  /** It could not be encrypted. */
  fail(error: unknown): void;
}

/** Encrypts a message for a key. */
export type Seal = (key: ClientKey, message: object) => Promise<string>;

/** Encrypts messages in order. */
export class SealQueue {
  readonly #waiting: Sealing[] = [];
  readonly #seal: Seal;
  readonly #mostWaiting: number;
  /** How many messages to each client have not been told. */
  readonly #untold = new Map<string, number>();
  #running: Promise<void> | undefined;

  /** `seal` encrypts one message. */
  constructor(seal: Seal, mostWaiting: number = MOST_WAITING) {
    this.#seal = seal;
    this.#mostWaiting = mostWaiting;
  }

  /** Whether messages to this client wait: the next one goes behind them. */
  holds(clientId: string): boolean {
    return this.#untold.has(clientId);
  }

  /** Adds a message; false when too many wait. */
  push(sealing: Sealing): boolean {
    if (this.#waiting.length >= this.#mostWaiting) return false;
    this.#untold.set(sealing.clientId, (this.#untold.get(sealing.clientId) ?? 0) + 1);
    this.#waiting.push(sealing);
    this.#running ??= this.#run();
    return true;
  }

  /** Resolves when everything has been told. */
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
