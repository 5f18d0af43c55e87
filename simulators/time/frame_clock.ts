/**
 * Every 20 ms of simulated time, without drift: what is late is caught up with.
 * @module
 */
import type { SimulatedTime } from "./simulated_time.ts";

/** How long a frame of audio is. */
export const FRAME_MS = 20;
/** After a stall so much real time is caught up with, and the rest never happened. */
const CATCH_UP_MS = 100;
/** At least so many frames are. */
const LEAST_BURST = 5;

/** Calls for one frame after the other. */
export class FrameClock {
  readonly #time: SimulatedTime;
  readonly #onFrame: (atMs: number) => void;
  readonly #maxBurst: number;
  #nextMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onFrame` is told when the frame was due, in simulated milliseconds. */
  constructor(time: SimulatedTime, onFrame: (atMs: number) => void) {
    this.#time = time;
    this.#onFrame = onFrame;
    const burst = Math.floor(CATCH_UP_MS / time.realMs(FRAME_MS / 1000));
    this.#maxBurst = Math.max(LEAST_BURST, burst);
  }

  /** The first frame is due now. A clock that runs goes on. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#nextMs = this.#time.nowMs;
    this.#schedule();
  }

  /** No more frames. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const waitMs = this.#time.realMs((this.#nextMs - this.#time.nowMs) / 1000);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.ceil(waitMs)));
  }

  #run(): void {
    const { nowMs } = this.#time;
    for (let frames = 0; this.#nextMs <= nowMs; frames++) {
      if (frames === this.#maxBurst) {
        this.#nextMs += (Math.floor((nowMs - this.#nextMs) / FRAME_MS) + 1) * FRAME_MS;
        break;
      }
      this.#onFrame(this.#nextMs);
      if (this.#timer === undefined) return;
      this.#nextMs += FRAME_MS;
    }
    this.#schedule();
  }
}
