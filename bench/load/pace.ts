/**
 * The pace of many calls in real time.
 * @module
 */
import { sleep } from "./sleep.ts";

/** How long a frame of audio is. */
export const FRAME_MS = 20;
/** So long at most is sent without reading what has come back. */
const TURN_MS = 4;
/** A load that could not keep pace does not make up for more than this at once. */
const FRAMES_AT_ONCE = 10;

/** Who sends so many frames at once. */
export interface Sender {
  send(frames: number, nowMs: number): void;
}

/** Sends on each call when frames are due, the calls spread evenly over the time between. */
export class Pace {
  /** How many frames were sent. */
  sent = 0;
  readonly #calls: readonly Sender[];
  readonly #framesPerWrite: number;
  readonly #dueMs: Float64Array;
  #next = 0;

  constructor(calls: readonly Sender[], startMs: number, framesPerWrite: number) {
    this.#calls = calls;
    this.#framesPerWrite = framesPerWrite;
    const everyMs = FRAME_MS * framesPerWrite / calls.length;
    this.#dueMs = Float64Array.from(calls, (_, index) => startMs + index * everyMs);
  }

  /** Sends what is due until then. */
  async until(endMs: number): Promise<void> {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      this.#sendDue(nowMs, Math.min(endMs, nowMs + TURN_MS));
      await sleep(1);
    }
  }

  #sendDue(nowMs: number, endMs: number): void {
    const due = this.#dueMs;
    for (let atMs = nowMs; due[this.#next]! <= nowMs && atMs < endMs; atMs = performance.now()) {
      const behind = Math.floor((nowMs - due[this.#next]!) / FRAME_MS) + this.#framesPerWrite;
      const frames = Math.min(behind, FRAMES_AT_ONCE);
      due[this.#next]! += behind * FRAME_MS;
      this.sent += frames;
      this.#calls[this.#next]!.send(frames, atMs);
      this.#next = (this.#next + 1) % due.length;
    }
  }
}
