/**
 * Detects a peer that sends audio faster than real time, and one that does not stop.
 * @module
 */
import { type Limits, RateLimit } from "./limits.ts";

/** The decision about a frame: deliver it, drop it, or close its flooding peer. */
export type AudioVerdict = "heard" | "dropped" | "flood";

/**
 * The audio of one socket. Audio over its rates is dropped: a peer may catch up after a stall. Once a
 * second's worth has been dropped, it is a flood: merely reading the frames, however small, delays
 * other sessions.
 */
export class AudioRate {
  readonly #bytes: RateLimit;
  readonly #frames: RateLimit;
  readonly #mostBytes: number;
  readonly #mostFrames: number;
  #droppedBytes = 0;
  #droppedFrames = 0;
  #heardFrames = 0;

  constructor(limits: Limits, nowMs: number) {
    const { audioBytesPerSecond, audioFramesPerSecond } = limits;
    this.#bytes = new RateLimit(audioBytesPerSecond, nowMs);
    this.#frames = new RateLimit(audioFramesPerSecond, nowMs);
    this.#mostBytes = audioBytesPerSecond;
    this.#mostFrames = audioFramesPerSecond;
  }

  /** Counts a frame of so many bytes. `nowMs` never decreases. */
  take(nowMs: number, bytes: number): AudioVerdict {
    if (this.#frames.take(nowMs) && this.#bytes.take(nowMs, bytes)) {
      this.#forgive();
      return "heard";
    }
    this.#heardFrames = 0;
    this.#droppedFrames++;
    this.#droppedBytes += bytes;
    const isFlood = this.#droppedFrames > this.#mostFrames || this.#droppedBytes > this.#mostBytes;
    return isFlood ? "flood" : "dropped";
  }

  /** A peer that has kept to its rates for a while has caught up. */
  #forgive(): void {
    if (this.#droppedFrames === 0 || ++this.#heardFrames < this.#mostFrames) return;
    this.#droppedFrames = 0;
    this.#droppedBytes = 0;
    this.#heardFrames = 0;
  }
}
