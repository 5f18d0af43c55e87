/**
 * Measures how long a server's audio goes on after the caller presses a key.
 * @module
 */
import { level } from "../../audio/pcm.ts";

/** Quieter audio is silence: numbered frames of silence have -90 dBFS. */
const SILENT_DBFS = -60;
/** Audio after a silence of this length is new audio. */
const GAP_MS = 200;
/** Audio that ends later than this after a key did not end because of the key. */
const MAX_REACTION_MS = 1000;

/** Measures one call. All times are milliseconds of one clock. */
export class BargeIn {
  /** For each key that stopped audible audio: how long the audio went on. */
  readonly lastedMs: number[] = [];
  #pressedMs: number[] = [];
  #heardUntilMs = -Infinity;

  /** The caller hears the server from `fromMs` to `untilMs`, which may lie in the future. */
  heard(samples: Int16Array, fromMs: number, untilMs: number): void {
    if (level(samples) < SILENT_DBFS) return;
    if (fromMs - this.#heardUntilMs > GAP_MS) this.#settle();
    this.#heardUntilMs = untilMs;
  }

  /** The caller presses a key. It counts while the server is audible. */
  pressed(nowMs: number): void {
    if (nowMs - this.#heardUntilMs > GAP_MS) this.#settle();
    else this.#pressedMs.push(nowMs);
  }

  /** The server drops its unplayed audio. */
  cut(nowMs: number): void {
    this.#heardUntilMs = Math.min(this.#heardUntilMs, nowMs);
    this.#settle(Infinity);
  }

  /** The call is over. No key stopped audio that goes on until now. */
  over(nowMs: number): void {
    if (this.#heardUntilMs + GAP_MS < nowMs) this.#settle();
    this.#pressedMs = [];
  }

  #settle(atMostMs: number = MAX_REACTION_MS): void {
    for (const atMs of this.#pressedMs) {
      const lastedMs = Math.max(0, Math.round(this.#heardUntilMs - atMs));
      if (lastedMs <= atMostMs) this.lastedMs.push(lastedMs);
    }
    this.#pressedMs = [];
  }
}
