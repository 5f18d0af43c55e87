/**
 * Time as a simulation has it: so many simulated seconds to a real one.
 * @module
 */

/** A clock that runs faster or slower than ours. */
export class SimulatedTime {
  readonly #scale: number;
  readonly #startMs = performance.now();

  /** With a scale of 10 ten simulated seconds take one real second. */
  constructor(scale = 1) {
    this.#scale = scale;
  }

  /** Simulated milliseconds since it began. */
  get nowMs(): number {
    return (performance.now() - this.#startMs) * this.#scale;
  }

  /** Resolves after so many simulated seconds, or at once when the signal is given: then false. */
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

  /** How many real milliseconds so many simulated seconds take. */
  realMs(seconds: number): number {
    return seconds * 1000 / this.#scale;
  }
}
