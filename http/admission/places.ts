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

  /** Takes a place, whether or not one is left. */
  take(name: string): void {
    this.#taken.set(name, this.taken(name) + 1);
  }

  /** Leaves a place that was taken. */
  leave(name: string): void {
    const rest = this.taken(name) - 1;
    if (rest > 0) this.#taken.set(name, rest);
    // Names come from strangers: none is remembered for nothing.
    else this.#taken.delete(name);
  }
}

/** A place, and the name that it is taken by; undefined where it has none. */
export type Taking = readonly [places: Places, name: string | undefined];

/** Places that are taken together, until they are disposed of. Thousands of sockets have one each. */
export class TakenPlaces implements Disposable {
  /** Places and names in turn: one list is smaller than many pairs. */
  #takings: readonly (Places | string)[];

  /** Takes them, whether or not they are left. */
  constructor(takings: readonly Taking[]) {
    const named = takings.filter(([, name]) => name !== undefined) as [Places, string][];
    for (const [places, name] of named) places.take(name);
    this.#takings = named.flat();
  }

  [Symbol.dispose](): void {
    const takings = this.#takings;
    this.#takings = [];
    for (let at = 0; at < takings.length; at += 2) {
      (takings[at] as Places).leave(takings[at + 1] as string);
    }
  }
}
