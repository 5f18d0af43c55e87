/**
 * The pace of many calls in real time.
 * @module
 */
import { turn } from "./connection.ts";

/** How long a frame of audio is. */
export const FRAME_MS = 20;
/** The longest time to send without reading echoes. */
const TURN_MS = 4;
/** A late load catches up with this many frames at most. */
const FRAMES_AT_ONCE = 10;

/** Something that sends a number of frames in one write. */
export interface Sender {
  send(frames: number, nowMs: number): void;
}

/**
 * Sends on each call when its frames are due; the calls are spread evenly over a frame's length.
 */
export class Pace {
  /** How many frames it has sent. */
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

  /** Sends due frames until `endMs`. */
  async until(endMs: number): Promise<void> {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      this.#sendDue(nowMs, Math.min(endMs, nowMs + TURN_MS));
      await turn();
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
