/**
 * Work that is done in rounds, one at a time: being woken during a round asks for another.
 * @module
 */

/** What the rounds are made of. */
export interface WakeLoopPorts {
  /** Does what there is to do. */
  readonly work: () => Promise<void>;
  /**
   * Hears what a round threw, once until a round succeeds again. A failed round is tried again after
   * `retryMs`.
   */
  readonly failed: (error: unknown) => void;
  readonly retryMs: number;
}

/** Does work whenever it is woken, until it is stopped. */
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

  /** There is something to do in a while. Only the last of these holds, until the next round. */
  wakeAfter(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), Math.min(ms, LONGEST_MS));
  }

  /** Begins no more rounds, and resolves when none is running. */
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

/** A timer with more than 31 bits of milliseconds goes off at once. */
const LONGEST_MS = 2 ** 31 - 1;
