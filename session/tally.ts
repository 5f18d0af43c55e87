/**
 * Counts the unexpected events of one session, so that a log names each kind once and not fifty
 * times a second.
 * @module
 */

/** Counts occurrences by their names. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Counts one; returns whether it is the first of its name. */
  add(name: string): boolean {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return count === 0;
  }

  /** All counts, or undefined if there are none. */
  summary(): Readonly<Record<string, number>> | undefined {
    return this.#counts.size === 0 ? undefined : Object.fromEntries(this.#counts);
  }
}
