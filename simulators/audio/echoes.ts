/**
 * What comes back of a caller's numbered frames, and when.
 * @module
 */
import { NumberedFrames } from "./numbered_frames.ts";
import type { Frames } from "../output/summary.ts";

/** One frame: an echo that takes longer is late. */
const LATE_AFTER_MS = 20;

/** The echoes of one call. */
export class Echoes {
  /** How long each took, in real milliseconds. */
  readonly roundTripsMs: number[] = [];
  readonly #numbered = new NumberedFrames();
  readonly #lateAfterMs: number;
  #first = 0;
  #last = 0;

  constructor(lateAfterMs: number = LATE_AFTER_MS) {
    this.#lateAfterMs = lateAfterMs;
  }

  /** How many frames were sent. */
  get sent(): number {
    return this.#numbered.count;
  }

  /** A copy of a frame with the next number in it, to be sent now. */
  number(frame: Uint8Array<ArrayBuffer>, nowMs: number): Uint8Array<ArrayBuffer> {
    return this.#numbered.number(frame, nowMs);
  }

  /** Something has come; true where it is an echo. */
  came(bytes: Uint8Array, nowMs: number): boolean {
    const echo = this.#numbered.echo(bytes);
    if (echo === undefined) return false;
    this.#first ||= echo.number;
    this.#last = Math.max(this.#last, echo.number);
    this.roundTripsMs.push(nowMs - echo.sentAtMs);
    return true;
  }

  /** What it came to. */
  get frames(): Frames {
    const back = this.roundTripsMs.length;
    // What was sent before the first echo or after the last one may have met no echo at all.
    const expected = back === 0 ? 0 : this.#last - this.#first + 1;
    return {
      sent: this.sent,
      back,
      lost: expected - back,
      late: this.roundTripsMs.filter((ms) => ms > this.#lateAfterMs).length,
    };
  }
}
