/**
 * Decides what becomes of the audio that one peer sends.
 * @module
 */
import { Lateness } from "./lateness.ts";
import { type Limits, RateLimit } from "./limits.ts";

/**
 * What becomes of a frame. Audio over its rates is dropped: a peer may catch up after a stall. Once a
 * second's worth has been dropped, it is a flood: merely reading the frames, however small, delays
 * other sessions. What waited too long is of no use in a conversation.
 */
export type AudioFate = "heard" | "dropped" | "late" | "flood";

/** The incoming audio of one socket. Times are of `performance.now()`. */
export class IncomingAudio {
  readonly #lateness: Lateness;
  readonly #lateAudioMs: number;
  readonly #frames: RateLimit;
  readonly #bytes: RateLimit;
  readonly #mostFrames: number;
  readonly #mostBytes: number;
  #droppedFrames = 0;
  #droppedBytes = 0;
  #heardFrames = 0;

  /** @param openedAtMs when the socket opened: the first frame may have waited too */
  constructor(limits: Limits, bytesPerMs: number, openedAtMs: number, nowMs: number) {
    const { audioBytesPerSecond, audioFramesPerSecond, lateAudioMs } = limits;
    this.#lateness = new Lateness(bytesPerMs, openedAtMs);
    this.#lateAudioMs = lateAudioMs;
    this.#frames = new RateLimit(audioFramesPerSecond, nowMs);
    this.#bytes = new RateLimit(audioBytesPerSecond, nowMs);
    this.#mostFrames = audioFramesPerSecond;
    this.#mostBytes = audioBytesPerSecond;
  }

  /** Takes a frame of so many bytes. `nowMs` never decreases. */
  take(bytes: number, nowMs: number): AudioFate {
    const lateMs = this.#lateness.arrived(bytes, nowMs);
    // Before lateness: a flood makes itself late. Hearing audio delays other sessions.
    if (this.#frames.take(nowMs) && this.#bytes.take(nowMs, bytes)) {
      if (this.#droppedFrames > 0) this.#forgive();
      return lateMs > this.#lateAudioMs ? "late" : "heard";
    }
    this.#heardFrames = 0;
    this.#droppedFrames++;
    this.#droppedBytes += bytes;
    const isFlood = this.#droppedFrames > this.#mostFrames || this.#droppedBytes > this.#mostBytes;
    return isFlood ? "flood" : "dropped";
  }

  /** A peer that has kept to its rates for a while has caught up. */
  #forgive(): void {
    if (++this.#heardFrames < this.#mostFrames) return;
    this.#droppedFrames = 0;
    this.#droppedBytes = 0;
    this.#heardFrames = 0;
  }
}
