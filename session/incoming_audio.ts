/**
 * Decides what becomes of the audio that one peer sends.
 * @module
 */
import { AudioRate, type AudioVerdict } from "./audio_rate.ts";
import { Lateness } from "./lateness.ts";
import type { Limits } from "./limits.ts";

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
