/**
 * The open sessions of this process: a server that stops ends each of them.
 * @module
 */

/** What the collection needs of a session. */
export interface Ending {
  /** The door it came in by. */
  readonly door: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Ends it. */
  hangUp(code: number, reason: string): void;
}

/** All sessions that have not ended, or some of them that can be ended by themselves. */
export class Sessions {
  readonly #open = new Set<Ending>();
  readonly #all: Sessions | undefined;

  /** @param all what these sessions are a part of */
  constructor(all?: Sessions) {
    this.#all = all;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Adds a session. */
  add(session: Ending): void {
    this.#open.add(session);
    this.#all?.add(session);
  }

  /** Removes a session that has ended. */
  delete(session: Ending): void {
    this.#open.delete(session);
    this.#all?.delete(session);
  }

  /** Ends every session; resolves when their protocols have ended. */
  async hangUpAll(code: number, reason: string): Promise<void> {
    const open = [...this.#open];
    for (const session of open) session.hangUp(code, reason);
    await Promise.all(open.map(({ ended }) => ended));
  }
}
