/**
 * Sessions that hear nothing for long, found by one interval for all that have the same limit: a
 * timer for each, set anew by every frame, would cost more than reading the frame.
 * @module
 */

/** What a sweep asks of each session. */
export interface Sweepable {
  /** Is called once in every period; ends itself if it has heard nothing since the last call. */
  sweepIdle(): void;
}

/** The sessions that may be silent for equally long. */
export class IdleSweep {
  readonly #everyMs: number;
  readonly #sessions = new Set<Sweepable>();
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Sweeps a session until it is deleted: a silent one hears of it twice, one period apart. */
  add(session: Sweepable): void {
    this.#interval ??= setInterval(() => this.#sweep(), this.#everyMs);
    this.#sessions.add(session);
  }

  /** Leaves a session in peace; the interval runs only while there are sessions. */
  delete(session: Sweepable): void {
    if (!this.#sessions.delete(session) || this.#sessions.size > 0) return;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #sweep(): void {
    for (const session of [...this.#sessions]) session.sweepIdle();
  }
}

const sweeps = new Map<number, IdleSweep>();

/** The sweep of this process for sessions that may be silent for `idleMs`. */
export function idleSweep(idleMs: number): IdleSweep {
  let sweep = sweeps.get(idleMs);
  if (sweep === undefined) sweeps.set(idleMs, sweep = new IdleSweep(idleMs));
  return sweep;
}
