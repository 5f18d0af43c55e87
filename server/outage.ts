/**
 * Something that fails for a while, such as writing to a full disk. Reports its start and its end once
 * each, however many attempts fail in between.
 * @module
 */

/** Hears of an outage. */
export interface OutageListener {
  /** The first failure. */
  began(error: unknown): void;
  /** It works again. `lastedMs` runs from the first failure to the first lasting success. */
  over(lastedMs: number): void;
}

/** Follows one thing that may fail. */
export class Outage {
  readonly #listener: OutageListener;
  readonly #steadyMs: number;
  #beganAtMs: number | undefined;
  #workedAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** It ends after `steadyMs` without a failure: a disk may fill up again at once. */
  constructor(listener: OutageListener, steadyMs = 0) {
    this.#listener = listener;
    this.#steadyMs = steadyMs;
  }

  /** Whether it has started and not ended. */
  get isOn(): boolean {
    return this.#beganAtMs !== undefined;
  }

  /** It was tried and failed. */
  failed(error: unknown): void {
    this.stop();
    if (this.#beganAtMs !== undefined) return;
    this.#beganAtMs = performance.now();
    this.#listener.began(error);
  }

  /** It was tried and worked. */
  worked(): void {
    if (this.#beganAtMs === undefined || this.#timer !== undefined) return;
    this.#workedAtMs = performance.now();
    if (this.#steadyMs === 0) this.#end();
    else this.#timer = setTimeout(() => this.#end(), this.#steadyMs);
  }

  /** Reports nothing more until the next attempt. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(): void {
    this.#timer = undefined;
    const lastedMs = Math.round(this.#workedAtMs - this.#beganAtMs!);
    this.#beganAtMs = undefined;
    this.#listener.over(lastedMs);
  }
}
