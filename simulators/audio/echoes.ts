/**
 * Recognises echoes of a caller's frames and measures their round trips. Each frame carries its
 * number in the lowest bits of its first samples, where it is inaudible. An echo equals its frame
 * byte by byte.
 * @module
 */
import { BYTES_PER_SAMPLE } from "../../audio/pcm.ts";
import type { Frames } from "../output/summary.ts";

/** An echo is late after one frame. */
const LATE_AFTER_MS = 20;
/** Distinguishes a number from other audio. */
const MAGIC = 0xa5c3;
const MAGIC_BITS = 16;
const NUMBER_BITS = 24;
/** The shortest frame with room for a number. */
const LEAST_BYTES = (MAGIC_BITS + NUMBER_BITS) * BYTES_PER_SAMPLE;
/** How many frames it stores: twenty seconds of them. */
const STORED_FRAMES = 1000;

/** The echoes of one call. */
export class Echoes {
  /** The round trip of each echo, in real milliseconds. */
  readonly roundTripsMs: number[] = [];
  readonly #frames = new Map<number, { readonly bytes: Uint8Array; readonly sentAtMs: number }>();
  #sent = 0;
  #firstEcho = 0;
  #lastEcho = 0;

  /** How many frames were sent. */
  get sent(): number {
    return this.#sent;
  }

  /** A copy of a frame with the next number in it, stored as sent now. */
  number(frame: Uint8Array<ArrayBuffer>, nowMs: number): Uint8Array<ArrayBuffer> {
    const bytes = frame.slice();
    const number = ++this.#sent;
    write(bytes, 0, MAGIC_BITS, MAGIC);
    write(bytes, MAGIC_BITS, NUMBER_BITS, number);
    this.#frames.set(number, { bytes, sentAtMs: nowMs });
    this.#frames.delete(number - STORED_FRAMES);
    return bytes;
  }

  /** Takes audio of the server; true when it is the first echo of a frame. */
  received(bytes: Uint8Array, nowMs: number): boolean {
    if (bytes.length < LEAST_BYTES || read(bytes, 0, MAGIC_BITS) !== MAGIC) return false;
    const number = read(bytes, MAGIC_BITS, NUMBER_BITS);
    const frame = this.#frames.get(number);
    if (frame === undefined || !isEqual(frame.bytes, bytes)) return false;
    this.#frames.delete(number);
    this.#firstEcho ||= number;
    this.#lastEcho = Math.max(this.#lastEcho, number);
    this.roundTripsMs.push(nowMs - frame.sentAtMs);
    return true;
  }

  /** The counts of frames. */
  get frames(): Frames {
    const back = this.roundTripsMs.length;
    // Frames before the first echo and after the last may have met no echo at all.
    const expected = back === 0 ? 0 : this.#lastEcho - this.#firstEcho + 1;
    return {
      sent: this.#sent,
      back,
      lost: expected - back,
      late: this.roundTripsMs.filter((ms) => ms > LATE_AFTER_MS).length,
    };
  }
}

function write(bytes: Uint8Array, firstSample: number, bits: number, value: number): void {
  for (let bit = 0; bit < bits; bit++) {
    const at = (firstSample + bit) * BYTES_PER_SAMPLE;
    bytes[at] = bytes[at]! & 0xfe | value >> bit & 1;
  }
}

function read(bytes: Uint8Array, firstSample: number, bits: number): number {
  let value = 0;
  for (let bit = 0; bit < bits; bit++) {
    value |= (bytes[(firstSample + bit) * BYTES_PER_SAMPLE]! & 1) << bit;
  }
  return value;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
