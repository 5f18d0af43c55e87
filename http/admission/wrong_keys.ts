/**
 * The wrong keys that came from each address: who guesses has to wait.
 * @module
 */

const MINUTE_MS = 60_000;
/** The most addresses that are remembered; the oldest is forgotten first. */
const MOST_ADDRESSES = 10_000;

interface Guesses {
  count: number;
  /** When they are forgotten. */
  readonly untilMs: number;
}

/** Counts wrong keys by address, and forgets them a minute after the first. */
export class WrongKeys {
  readonly #most: number;
  readonly #guesses = new Map<string, Guesses>();

  /** @param most how many an address may send in a minute */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one; true when the address has just sent too many. */
  add(address: string, nowMs: number): boolean {
    let guesses = this.#guesses.get(address);
    if (guesses === undefined || guesses.untilMs <= nowMs) {
      this.#guesses.delete(address);
      const [oldest] = this.#guesses.keys();
      if (this.#guesses.size >= MOST_ADDRESSES) this.#guesses.delete(oldest!);
      this.#guesses.set(address, guesses = { count: 0, untilMs: nowMs + MINUTE_MS });
    }
    return ++guesses.count === this.#most + 1;
  }

  /** For how many milliseconds an address has to wait; 0 when it may try. */
  waitMs(address: string, nowMs: number): number {
    const guesses = this.#guesses.get(address);
    if (guesses === undefined || guesses.count <= this.#most) return 0;
    return Math.max(0, guesses.untilMs - nowMs);
  }
}
