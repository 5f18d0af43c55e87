/**
 * How often something may happen in a second, for each name.
 * @module
 */
import { RateLimit } from "../../session/limits.ts";

/** The most names that are remembered; the oldest is forgotten first. */
const MOST_NAMES = 10_000;

/** Limits each name to so many a second, sustained, and twice as many at once. */
export class Pace {
  readonly #perSecond: number;
  readonly #names = new Map<string, RateLimit>();

  /** @param perSecond `Infinity` for no limit */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Counts one of this name; false when it is too many. */
  take(name: string, nowMs: number): boolean {
    if (this.#perSecond === Infinity) return true;
    let rate = this.#names.get(name);
    if (rate === undefined) {
      const [oldest] = this.#names.keys();
      if (this.#names.size >= MOST_NAMES) this.#names.delete(oldest!);
      this.#names.set(name, rate = new RateLimit(this.#perSecond, nowMs));
    }
    return rate.take(nowMs);
  }
}
