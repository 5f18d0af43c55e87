/**
 * Throttles a peer that sends more than a session would accept.
 * @module
 */
import type { Limits } from "../limits.ts";
import type { ByteStream } from "./byte_stream.ts";

/** An excess of less than this is left to the session to drop, or to close. */
const HEADROOM = 2;
/** A burst of so long is read at once. */
const BURST_MS = 2000;

/** The rate of one connection: bytes per second, and frames per second that the session does not see. */
export class ReadingPace {
  readonly #bytesPerMs: number;
  readonly #framesPerMs: number;
  /** When all received data would have arrived at the allowed rate. */
  #doneAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ audioBytesPerSecond, messagesPerSecond }: Limits) {
    this.#bytesPerMs = audioBytesPerSecond * HEADROOM / 1000;
    this.#framesPerMs = messagesPerSecond * HEADROOM / 1000;
  }

  /** Counts received data, and pauses reading for as long as it was early. */
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
