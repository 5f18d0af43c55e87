/**
 * Makes a peer wait that sends more than a session would take.
 * @module
 */
import type { Limits } from "../limits.ts";
import type { ByteStream } from "./byte_stream.ts";

/** What is over its limits by less than this is the session's to drop, or to close. */
const HEADROOM = 2;
/** A burst of so long is read at once. */
const BURST_MS = 2000;

/** The pace of one connection: bytes a second, and frames a second of which no session hears. */
export class ReadingPace {
  readonly #bytesPerMs: number;
  readonly #framesPerMs: number;
  /** When everything that has come would have come at the pace. */
  #doneAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ audioBytesPerSecond, messagesPerSecond }: Limits) {
    this.#bytesPerMs = audioBytesPerSecond * HEADROOM / 1000;
    this.#framesPerMs = messagesPerSecond * HEADROOM / 1000;
  }

  /** Counts what has come, and stops reading for as long as it was too early. */
  took(stream: ByteStream, bytes: number, frames: number): void {
    const nowMs = performance.now();
    const tookMs = bytes / this.#bytesPerMs + frames / this.#framesPerMs;
    this.#doneAtMs = Math.max(this.#doneAtMs, nowMs) + tookMs;
    const earlyMs = this.#doneAtMs - nowMs - BURST_MS;
    if (earlyMs <= 0 || this.#timer !== undefined) return;
    stream.pause();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      stream.resume();
    }, earlyMs);
  }

  /** The connection is over. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
