/**
 * Unmasks a client's payload.
 * @see RFC 6455 section 5.3
 * @module
 */
import type { Bytes } from "./frame.ts";

/** A shorter payload is unmasked byte by byte: faster than creating a view of it. */
const WORDS_FROM_BYTES = 48;

/**
 * Unmasks the bytes from `from` to `to` in place.
 * @param mask the four bytes of the key, the first one lowest
 * @param phase how many bytes of the same payload preceded
 */
export function unmask(bytes: Bytes, from: number, to: number, mask: number, phase: number): void {
  let key = rotated(mask, phase);
  let at = from;
  if (to - from >= WORDS_FROM_BYTES) {
    while ((bytes.byteOffset + at & 3) !== 0) {
      bytes[at++]! ^= key & 0xff;
      key = rotated(key, 1);
    }
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, to - at >> 2);
    const wordKey = LITTLE_ENDIAN ? key : swapped(key);
    for (let index = 0; index < words.length; index++) words[index]! ^= wordKey;
    at += words.length * 4;
  }
  while (at < to) {
    bytes[at++]! ^= key & 0xff;
    key = rotated(key, 1);
  }
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The key as the byte at `phase` sees it. */
function rotated(key: number, phase: number): number {
  const bits = (phase & 3) * 8;
  return bits === 0 ? key : key >>> bits | key << 32 - bits;
}

function swapped(key: number): number {
  return key >>> 24 | key >>> 8 & 0xff00 | key << 8 & 0xff0000 | key << 24;
}
