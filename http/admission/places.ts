/**
 * Places that are limited for each name: an address, a key, a number.
 * @module
 */

/** Counts the places that are taken, by name. */
export class Places {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  /** @param most how many places each name has; `Infinity` for no limit */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many places of a name are taken. */
  taken(name: string): number {
    return this.#taken.get(name) ?? 0;
  }

  /** Whether a name has no place left. */
  isFull(name: string): boolean {
    return this.taken(name) >= this.#most;
  }

  /** Takes a place until it is disposed of, whether or not one is left. */
  take(name: string): Disposable {
    this.#taken.set(name, this.taken(name) + 1);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        const rest = this.taken(name) - 1;
        if (rest > 0) this.#taken.set(name, rest);
        // Names come from strangers: none is remembered for nothing.
        else this.#taken.delete(name);
      },
    };
  }
}
