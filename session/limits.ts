/**
 * The limits of a session.
 * @module
 */

import { JSON_BOUNDS, type JsonBounds } from "./json_bounds.ts";

/** The limits of one door's sessions. */
export interface Limits {
  /** A longer text frame, in bytes of UTF-8, closes with 1009. */
  readonly textBytes: number;
  /** A longer binary frame closes with 1009. */
  readonly audioBytes: number;
  /**
   * Bytes of audio a second, sustained, and twice as many at once; more is dropped, and a second's
   * worth of it closes with 1008.
   */
  readonly audioBytesPerSecond: number;
  /** Binary frames a second, in the same way: also empty ones are work. */
  readonly audioFramesPerSecond: number;
  /** The limits of a text frame as JSON; more is malformed. */
  readonly json: JsonBounds;
  /** How many events the inbox may queue. */
  readonly inboxEvents: number;
  /** Text frames a second, sustained, and twice as many at once; more closes with 1008. */
  readonly messagesPerSecond: number;
  /** Bytes of text a second, in the same way. */
  readonly textBytesPerSecond: number;
  /** A socket whose first text frame takes longer closes with 1008; 0 is unlimited. */
  readonly firstMessageMs: number;
  /** More bytes than this waiting for a slow peer close with 1013. */
  readonly bufferedBytes: number;
  /** Older audio is dropped. */
  readonly lateAudioMs: number;
  /**
   * A silent peer gets a ping after half of this, and is closed with 1001 after all of it; 0 is
   * never. Not for a door with audio and a limit of `idleMs`.
   */
  readonly heartbeatMs: number;
  /** A session that receives nothing for this long closes with 1001; 0 is never. */
  readonly idleMs: number;
  /** A session that receives no audio for this long closes with 1001, whatever else arrives; 0 is never. */
  readonly idleAudioMs: number;
  /** A socket that takes longer to open is given up. */
  readonly openingMs: number;
  /** A peer that answers our close frame later is cut off, by transports that can. */
  readonly closingMs: number;
}

/** The limits of a door that declares none. */
export const DEFAULT_LIMITS: Limits = {
  textBytes: 64 * 1024,
  audioBytes: 32 * 1024,
  audioBytesPerSecond: 512 * 1024,
  audioFramesPerSecond: 1000,
  json: JSON_BOUNDS,
  inboxEvents: 1024,
  messagesPerSecond: 1000,
  textBytesPerSecond: 1024 * 1024,
  firstMessageMs: 0,
  bufferedBytes: 1024 * 1024,
  lateAudioMs: 200,
  heartbeatMs: 40_000,
  idleMs: 0,
  idleAudioMs: 0,
  openingMs: 10_000,
  closingMs: 5000,
};

const resolved = new WeakMap<Partial<Limits>, Limits>();

/** Completes the limits of a door. Its sessions share one object. */
export function limitsOf(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return DEFAULT_LIMITS;
  let all = resolved.get(limits);
  if (all === undefined) resolved.set(limits, all = { ...DEFAULT_LIMITS, ...limits });
  return all;
}

/** A bucket that gains `perSecond` tokens a second, up to two seconds' worth. */
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

  /** Takes so many tokens, or none and returns false when there are fewer. `nowMs` never decreases. */
  take(nowMs: number, tokens = 1): boolean {
    const filled = this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs;
    this.#tokens = Math.min(this.#capacity, filled);
    this.#filledAtMs = nowMs;
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }
}
