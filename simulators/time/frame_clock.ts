/**
 * Ticks every 20 ms of simulated time, without drift: late frames catch up.
 * @module
 */
import type { SimulatedTime } from "./simulated_time.ts";

/** The length of a frame of audio. */
export const FRAME_MS = 20;
/** After a stall it catches up with this much real time, and skips the rest. */
const CATCH_UP_MS = 100;
/** It catches up with at least this many frames. */
const LEAST_BURST = 5;

/** Calls back for each frame. */
export class FrameClock {
  readonly #time: SimulatedTime;
  readonly #onFrame: (atMs: number) => void;
  readonly #maxBurst: number;
  #nextMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onFrame` receives the due time of the frame, in simulated milliseconds. */
  constructor(time: SimulatedTime, onFrame: (atMs: number) => void) {
    this.#time = time;
    this.#onFrame = onFrame;
    const burst = Math.floor(CATCH_UP_MS / time.realMs(FRAME_MS / 1000));
    this.#maxBurst = Math.max(LEAST_BURST, burst);
  }

  /** Starts with a frame that is due now. Does nothing while it runs. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#nextMs = this.#time.nowMs;
    this.#schedule();
  }

  /** Stops the frames. */
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
