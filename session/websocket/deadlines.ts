/**
 * Ends expired items, with one timer for all: everything gets the same time, so what started
 * first ends first.
 * @module
 */

/** Something with a deadline. */
export interface Expiring {
  expire(): void;
}

/** Things with the same time. */
export class Deadlines {
  readonly #afterMs: number;
  readonly #dueMs = new Map<Expiring, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** Lets this expire, unless it is deleted before. */
  add(thing: Expiring): void {
    this.#dueMs.set(thing, performance.now() + this.#afterMs);
    this.#timer ??= setTimeout(() => this.#expire(), this.#afterMs);
  }

  /** It has ended in time. */
  delete(thing: Expiring): void {
    if (!this.#dueMs.delete(thing) || this.#dueMs.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const [thing, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) {
        this.#timer = setTimeout(() => this.#expire(), dueMs - nowMs);
        return;
      }
      this.#dueMs.delete(thing);
      thing.expire();
    }
  }
}

const all = new Map<number, Deadlines>();

/** This process's deadlines after so long. */
export function deadlines(afterMs: number): Deadlines {
  let same = all.get(afterMs);
  if (same === undefined) all.set(afterMs, same = new Deadlines(afterMs));
  return same;
}
