/**
 * Runs work in rounds, one at a time. A wake-up during a round asks for another round.
 * @module
 */

/** What the loop needs from the world. */
export interface WakeLoopPorts {
  /** Does all that there is to do. */
  readonly work: () => Promise<void>;
  /**
   * Hears the first error after a successful round. A failed round is retried after `retryMs`.
   */
  readonly failed: (error: unknown) => void;
  readonly retryMs: number;
}

/** Works whenever it is woken, until it is stopped. */
export class WakeLoop {
  readonly #ports: WakeLoopPorts;
  #woken = false;
  #failing = false;
  #stopped = false;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: WakeLoopPorts) {
    this.#ports = ports;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopped) return;
    this.#woken = true;
    this.#running ??= this.#run();
  }

  /** There will be something to do in `ms`. Replaces an earlier call; the next round cancels it. */
  wakeAfter(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), Math.min(ms, LONGEST_MS));
  }

  /** Starts no more rounds, and resolves when none is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#woken = false;
    clearTimeout(this.#timer);
    await this.#running;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    while (this.#woken) {
      this.#woken = false;
      clearTimeout(this.#timer);
      try {
        await this.#ports.work();
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#ports.failed(error);
        this.#failing = true;
        this.wakeAfter(this.#ports.retryMs);
      }
    }
    this.#running = undefined;
  }
}

/** A timer of more than 31 bits of milliseconds fires at once. */
const LONGEST_MS = 2 ** 31 - 1;
