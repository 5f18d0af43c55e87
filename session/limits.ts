/**
 * How much of everything a session takes before it defends itself.
 * @module
 */

/** The limits of one door's sessions. */
export interface Limits {
  /** A longer text frame closes with 1009. In bytes of UTF-8. */
  readonly textBytes: number;
  /** A longer binary frame closes with 1009. */
  readonly audioBytes: number;
  /** Bytes of audio a second, sustained; twice as many at once. What is more is dropped. */
  readonly audioBytesPerSecond: number;
  /** How many events may wait in the inbox. */
  readonly inboxEvents: number;
  /** Text frames a second, sustained; twice as many at once. More is a flood: 1008. */
  readonly messagesPerSecond: number;
  /** Bytes that may wait for a slow peer before it is closed with 1013. */
  readonly bufferedBytes: number;
  /** Audio older than this is of no use to anyone and is dropped. */
  readonly lateAudioMs: number;
  /**
   * A silent connection is pinged after half of this and given up after the whole; 0 is never. A
   * door with audio and a limit of `idleMs` does without.
   */
  readonly heartbeatMs: number;
  /** A session that hears nothing for this long is closed with 1001; 0 is never. */
  readonly idleMs: number;
  /** A socket that has not opened by then never will. */
  readonly openingMs: number;
}

/** What holds where a door says nothing else. */
export const DEFAULT_LIMITS: Limits = {
  textBytes: 64 * 1024,
  audioBytes: 32 * 1024,
  audioBytesPerSecond: 512 * 1024,
  inboxEvents: 1024,
  messagesPerSecond: 1000,
  bufferedBytes: 1024 * 1024,
  lateAudioMs: 200,
  heartbeatMs: 40_000,
  idleMs: 0,
  openingMs: 10_000,
};

const resolved = new WeakMap<Partial<Limits>, Limits>();

/** All limits where a door says only how it differs. A door's sessions share one object. */
export function limitsOf(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return DEFAULT_LIMITS;
  let all = resolved.get(limits);
  if (all === undefined) resolved.set(limits, all = { ...DEFAULT_LIMITS, ...limits });
  return all;
}

/** A bucket that fills with one token every 1/`perSecond` seconds and holds two seconds of them. */
export class RateLimit {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = perSecond * 2;
    this.#tokens = this.#capacity;
    this.#filledAtMs = nowMs;
  }

  /** Takes so many tokens; false, and none, when there are fewer. `nowMs` never goes back. */
  take(nowMs: number, tokens = 1): boolean {
    const filled = this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs;
    this.#tokens = Math.min(this.#capacity, filled);
    this.#filledAtMs = nowMs;
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }
}
