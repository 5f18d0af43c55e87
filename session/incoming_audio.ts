/**
 * Decides what becomes of the audio that one peer sends.
 * @module
 */
import { Lateness } from "./lateness.ts";
import { type Limits, RateLimit } from "./limits.ts";

/** The decision about a frame: deliver it, drop it, or close its flooding peer. */
type AudioVerdict = "heard" | "dropped" | "flood";

/** What becomes of a frame: as its rate says, or it is too old for a conversation. */
export type AudioFate = AudioVerdict | "late";

/** The incoming audio of one socket. Times are of `performance.now()`. */
export class IncomingAudio {
  readonly #lateAudioMs: number;
  readonly #lateness: Lateness;
  readonly #rate: AudioRate;

  /** @param openedAtMs when the socket opened: the first frame may have waited too */
  constructor(limits: Limits, bytesPerMs: number, openedAtMs: number, nowMs: number) {
    this.#lateAudioMs = limits.lateAudioMs;
    this.#lateness = new Lateness(bytesPerMs, openedAtMs);
    this.#rate = new AudioRate(limits, nowMs);
  }

  /** Takes a frame of so many bytes. */
  take(bytes: number, nowMs: number): AudioFate {
    const lateMs = this.#lateness.arrived(bytes, nowMs);
    // Before lateness: a flood makes itself late. Hearing audio delays other sessions.
    const verdict = this.#rate.take(nowMs, bytes);
    return verdict === "heard" && lateMs > this.#lateAudioMs ? "late" : verdict;
  }
}

/**
 * The audio of one socket. Audio over its rates is dropped: a peer may catch up after a stall. Once a
 * second's worth has been dropped, it is a flood: merely reading the frames, however small, delays
 * other sessions.
 */
class AudioRate {
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
