/**
 * Simulated time: some number of simulated seconds per real second.
 * @module
 */

/** A clock that runs faster or slower than real time. */
export class SimulatedTime {
  readonly #scale: number;
  readonly #startMs = performance.now();

  /** With a scale of 10, ten simulated seconds take one real second. */
  constructor(scale = 1) {
    this.#scale = scale;
  }

  /** Simulated milliseconds since its creation. */
  get nowMs(): number {
    return (performance.now() - this.#startMs) * this.#scale;
  }

  /** Resolves with true after this many simulated seconds, or with false when the signal comes. */
  sleep(seconds: number, signal?: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    if (signal?.aborted) return Promise.resolve(false);
    const interrupt = () => {
      clearTimeout(id);
      resolve(false);
    };
    const id = setTimeout(() => {
      signal?.removeEventListener("abort", interrupt);
      resolve(true);
    }, this.realMs(seconds));
    signal?.addEventListener("abort", interrupt, { once: true });
    return promise;
  }

  /** The real milliseconds of this many simulated seconds. */
  realMs(seconds: number): number {
    return seconds * 1000 / this.#scale;
  }
}
