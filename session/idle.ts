/**
 * Finds sessions without input, with one interval for all sessions of the same limit: a timer
 * for each, reset by every frame, would cost more than reading the frame.
 * @module
 */

/** The part of a session that a sweep needs. */
export interface Sweepable {
  /** Called once a period; ends a session that has received nothing since the last call. */
  sweepIdle(): void;
}

/** The sessions with one limit of silence. */
export class IdleSweep {
  readonly #everyMs: number;
  readonly #sessions = new Set<Sweepable>();
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Sweeps a session until it is deleted. */
  add(session: Sweepable): void {
    this.#interval ??= setInterval(() => this.#sweep(), this.#everyMs);
    this.#sessions.add(session);
  }

  /** Stops sweeping a session. The interval runs only while there are sessions. */
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

/** This process's sweep for the limit `idleMs`. */
export function idleSweep(idleMs: number): IdleSweep {
  let sweep = sweeps.get(idleMs);
  if (sweep === undefined) sweeps.set(idleMs, sweep = new IdleSweep(idleMs));
  return sweep;
}
