/**
 * How late audio is when it reaches us. Past its capacity a server reads frames that have waited
 * in the kernel for seconds; nothing marks them as old, so their age is worked out from the pace
 * of the stream and from how long the event loop did not turn.
 * @module
 */

/** An event loop that turns within this is not behind: a gap in the audio is then the peer's own pause. */
const LOOP_IS_BEHIND_MS = 15;
const TICK_MS = 10;

/** Measures how long the event loop was busy, by a timer that cannot fire while it is. */
export class LoopClock {
  #interval: ReturnType<typeof setInterval> | undefined;
  #users = 0;
  #tickedAtMs = 0;
  #stallMs = 0;

  /** Runs while anyone uses it. Call the answer to stop using it, once. */
  use(): () => void {
    if (this.#users++ === 0) this.#start();
    let using = true;
    return () => {
      if (!using) return;
      using = false;
      if (--this.#users === 0) clearInterval(this.#interval);
    };
  }

  /** How long the loop was last, or is just now, held up beyond its due turn. */
  stallMs(nowMs: number): number {
    return Math.max(this.#stallMs, nowMs - this.#tickedAtMs - TICK_MS);
  }

  #start(): void {
    this.#tickedAtMs = performance.now();
    this.#stallMs = 0;
    this.#interval = setInterval(() => {
      const nowMs = performance.now();
      this.#stallMs = nowMs - this.#tickedAtMs - TICK_MS;
      this.#tickedAtMs = nowMs;
    }, TICK_MS);
  }
}

/** The one event loop of this process. */
export const loop: LoopClock = new LoopClock();

/** Follows one audio stream and tells how far it has fallen behind through our own fault. */
export class Lateness {
  readonly #bytesPerMs: number;
  readonly #clock: Pick<LoopClock, "stallMs">;
  #arrivedAtMs: number | undefined;
  #lateMs = 0;

  constructor(bytesPerMs: number, clock: Pick<LoopClock, "stallMs"> = loop) {
    this.#bytesPerMs = bytesPerMs;
    this.#clock = clock;
  }

  /** Tells of a frame and returns how late it is, in milliseconds. */
  arrived(bytes: number, nowMs: number): number {
    const before = this.#arrivedAtMs;
    this.#arrivedAtMs = nowMs;
    if (before === undefined) return 0;
    const behindMs = nowMs - before - bytes / this.#bytesPerMs;
    if (behindMs <= 0) {
      this.#lateMs = Math.max(0, this.#lateMs + behindMs);
    } else {
      const stallMs = this.#clock.stallMs(nowMs);
      if (stallMs > LOOP_IS_BEHIND_MS) this.#lateMs += Math.min(behindMs, stallMs);
    }
    return this.#lateMs;
  }
}
