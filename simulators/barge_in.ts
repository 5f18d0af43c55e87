/**
 * How long a server's audio goes on after the caller has pressed a key.
 * @module
 */
import { level } from "../audio/pcm.ts";

/** What is quieter is silence: numbered frames of silence are at -90 dBFS. */
const SILENT_DBFS = -60;
/** Audio that comes after so long a silence is something new. */
const GAP_MS = 200;

/** Measures one call. All times are of one clock, in milliseconds. */
export class BargeIn {
  /** For each key that was pressed while the server was heard, how long it went on. */
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

  /** What would still have been heard is dropped, or the call is over. */
  cut(nowMs: number): void {
    this.#heardUntilMs = Math.min(this.#heardUntilMs, nowMs);
    this.#settle();
  }

  #settle(): void {
    for (const atMs of this.#pressedMs) {
      this.lastedMs.push(Math.max(0, Math.round(this.#heardUntilMs - atMs)));
    }
    this.#pressedMs = [];
  }
}
