/**
 * The timers of one session, by name.
 * @module
 */

/** Timers that a protocol has set. */
export class SessionTimers {
  readonly #expired: (name: string) => void;
  readonly #ids = new Map<string, ReturnType<typeof setTimeout>>();

  /** @param expired called with the name of a timer whose time has come */
  constructor(expired: (name: string) => void) {
    this.#expired = expired;
  }

  /** Sets a timer in place of the one of the same name. `Infinity` only cancels that one. */
  set(name: string, afterMs: number): void {
    clearTimeout(this.#ids.get(name));
    this.#ids.delete(name);
    if (afterMs === Infinity) return;
    const id = setTimeout(() => {
      this.#ids.delete(name);
      this.#expired(name);
    }, afterMs);
    this.#ids.set(name, id);
  }

  /** Cancels all timers. */
  clear(): void {
    for (const id of this.#ids.values()) clearTimeout(id);
    this.#ids.clear();
  }
}
