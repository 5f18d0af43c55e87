/**
 * Tells echoed frames from others: each frame carries its number in the lowest bits of its first
 * samples, where nobody hears it, and is compared byte by byte when it comes back.
 * @module
 */
import { BYTES_PER_SAMPLE } from "../../audio/pcm.ts";

/** Tells a number from chance. */
const MAGIC = 0xa5c3;
const MAGIC_BITS = 16;
const NUMBER_BITS = 24;
/** A frame this long, in bytes, has room for a number. */
const LEAST_BYTES = (MAGIC_BITS + NUMBER_BITS) * BYTES_PER_SAMPLE;
/** Frames that are remembered: twenty seconds of them. */
const REMEMBERED = 1000;

interface SentFrame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly atMs: number;
}

/** The frames of one call. */
export class NumberedFrames {
  readonly #sent = new Map<number, SentFrame>();
  #last = 0;

  /** How many were numbered. */
  get count(): number {
    return this.#last;
  }

  /** A copy of a frame with the next number in it, remembered as sent now. */
  number(frame: Uint8Array<ArrayBuffer>, nowMs: number): Uint8Array<ArrayBuffer> {
    const bytes = frame.slice();
    const number = ++this.#last;
    write(bytes, 0, MAGIC_BITS, MAGIC);
    write(bytes, MAGIC_BITS, NUMBER_BITS, number);
    this.#sent.set(number, { bytes, atMs: nowMs });
    this.#sent.delete(number - REMEMBERED);
    return bytes;
  }

  /** When a frame that has come was sent; undefined where it is no echo, or not the first. */
  echo(bytes: Uint8Array): { readonly number: number; readonly sentAtMs: number } | undefined {
    if (bytes.length < LEAST_BYTES || read(bytes, 0, MAGIC_BITS) !== MAGIC) return undefined;
    const number = read(bytes, MAGIC_BITS, NUMBER_BITS);
    const sent = this.#sent.get(number);
    if (sent === undefined || !isEqual(sent.bytes, bytes)) return undefined;
    this.#sent.delete(number);
    return { number, sentAtMs: sent.atMs };
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
