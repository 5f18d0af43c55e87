/**
 * How long a server's audio goes on after the caller has pressed a key.
 * @module
 */
import { level } from "../../audio/pcm.ts";

/** What is quieter is silence: numbered frames of silence are at -90 dBFS. */
const SILENT_DBFS = -60;
/** Audio that comes after so long a silence is something new. */
const GAP_MS = 200;
/** Audio that ends by itself later than this after a key did not end because of it. */
const BECAUSE_MS = 1000;

/** Measures one call. All times are of one clock, in milliseconds. */
export class BargeIn {
  /** For each key that stopped the server while it was heard, how long it went on. */
  readonly lastedMs: number[] = [];
  #pressedMs: number[] = [];
  #heardUntilMs = -Infinity;

  /** Audio of the server is heard from `fromMs` to `untilMs`, which may lie ahead. */
  heard(samples: Int16Array, fromMs: number, untilMs: number): void {
    if (level(samples) < SILENT_DBFS) return;
    if (fromMs - this.#heardUntilMs > GAP_MS) this.#settle();
    this.#heardUntilMs = untilMs;
  }

  /** The caller presses a key. It counts where the server is heard. */
  pressed(nowMs: number): void {
    if (nowMs - this.#heardUntilMs > GAP_MS) this.#settle();
    else this.#pressedMs.push(nowMs);
  }

  /** The server drops what would still have been heard. */
  cut(nowMs: number): void {
    this.#heardUntilMs = Math.min(this.#heardUntilMs, nowMs);
    this.#settle(Infinity);
  }

  /** The call is over. What is heard until then, or beyond, no key has stopped. */
  over(nowMs: number): void {
    if (this.#heardUntilMs + GAP_MS < nowMs) this.#settle();
    this.#pressedMs = [];
  }

  #settle(atMostMs: number = BECAUSE_MS): void {
    for (const atMs of this.#pressedMs) {
      const lastedMs = Math.max(0, Math.round(this.#heardUntilMs - atMs));
      if (lastedMs <= atMostMs) this.lastedMs.push(lastedMs);
    }
    this.#pressedMs = [];
  }
}
