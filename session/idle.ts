/**
 * Finds sessions that hear nothing for long, with one interval for all of the same limit: a timer
 * for each, reset by every frame, would cost more than reading the frame.
 * @module
 */

/** What a sweep needs of a session. */
export interface Sweepable {
  /** Called once a period; ends a session that has heard nothing since the last call. */
  sweepIdle(): void;
}

/** What a silence ends. */
export interface Silenced {
  hangUp(code: number, reason: string): void;
}

/** Ends a session that hears no audio, though it may hear something else. */
export class AudioSweep implements Sweepable {
  /** Set by every frame. */
  heard = true;
  readonly #session: Silenced;

  constructor(session: Silenced) {
    this.#session = session;
  }

  sweepIdle(): void {
    if (this.heard) this.heard = false;
    else this.#session.hangUp(1001, "idle");
  }
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
