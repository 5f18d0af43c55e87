/**
 * Byte streams as clients send them after a handshake, and as no client should.
 * @see RFC 6455
 * @module
 */
import type { SeededRandom } from "../torture/seeded_random.ts";

/** Messages may have this many bytes: streams go over it now and then. */
export const MOST_BYTES = 300;

const encoder = new TextEncoder();
const LETTERS = ["a", "ß", "€", "🌽", "\0", "\ufeff", "\uffff", "퟿", "", "words of some length "];
/** None of these is a character. */
const NO_TEXT = [
  [0xff],
  [0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
];
const LENGTHS = [0, 1, 2, 5, 124, 125, 126, 127, 128, 200, MOST_BYTES, MOST_BYTES + 1];
/** Its length has eight bytes. Creating it is slow. */
const LONG = 70_000;
const CODES = [1000, 1001, 1003, 1004, 1005, 1006, 1011, 1014, 1015, 2999, 3000, 4999, 5000, 0];

/** One client's bytes: mostly valid frames, often broken afterwards. */
export function stream(random: SeededRandom): Uint8Array {
  const frames = Array.from({ length: random.whole(1, 6) }, () => message(random)).flat();
  const bytes = joined(frames);
  return random.happens(0.6) ? mutated(bytes, random) : bytes;
}

/** The same bytes in pieces. */
export function pieces(bytes: Uint8Array, random: SeededRandom): Uint8Array[] {
  const cuts: Uint8Array[] = [];
  const longest = random.one([1, 3, 20, bytes.length]) ?? 1;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + random.whole(1, Math.max(1, longest)));
    cuts.push(bytes.slice(at, end));
    at = end;
  }
  return cuts;
}

function message(random: SeededRandom): Uint8Array[] {
  const kind = random.next();
  if (kind < 0.15) return [frame(random, 9, noise(random, random.whole(0, 125)))];
  if (kind < 0.2) return [frame(random, 10, noise(random, random.whole(0, 5)))];
  if (kind < 0.27) return [frame(random, 8, closing(random))];
  const isText = random.happens(0.6);
  const payload = isText
    ? text(random)
    : noise(random, random.happens(0.003) ? LONG : random.one(LENGTHS)!);
  const cuts = random.happens(0.5) ? [payload] : pieces(payload, random);
  const fragments = cuts.length === 0 ? [payload] : cuts.slice(0, 12);
  return fragments.flatMap((part, index) => {
    const opcode = index > 0 ? 0 : isText ? 1 : 2;
    const sent = [frame(random, opcode, part, index === fragments.length - 1)];
    if (random.happens(0.1)) sent.push(frame(random, 9, noise(random, 3)));
    return sent;
  });
}

function text(random: SeededRandom): Uint8Array {
  const letters = Array.from({ length: random.whole(0, 30) }, () => random.one(LETTERS));
  const good = encoder.encode(letters.join(""));
  if (!random.happens(0.15)) return good;
  const at = random.whole(0, good.length);
  return joined([good.slice(0, at), Uint8Array.from(random.one(NO_TEXT)!), good.slice(at)]);
}

function closing(random: SeededRandom): Uint8Array {
  if (random.happens(0.2)) return noise(random, random.whole(0, 1));
  const code = random.one(CODES)!;
  return joined([Uint8Array.of(code >> 8, code & 0xff), text(random).slice(0, 123)]);
}

function noise(random: SeededRandom, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = random.whole(0, 255);
  return bytes;
}

/** A masked frame, whose length is now and then in more bytes than it needs. */
function frame(random: SeededRandom, opcode: number, payload: Uint8Array, fin = true): Uint8Array {
  const { length } = payload;
  const least = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const extra = random.happens(0.01) ? random.one([2, 8])! : least;
  const size = Math.max(extra, least);
  const head = new Uint8Array(2 + size + 4);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
  for (let byte = 0; byte < size; byte++) head[1 + size - byte] = length / 256 ** byte & 0xff;
  const mask = noise(random, 4);
  head.set(mask, 2 + size);
  return joined([head, payload.map((byte, index) => byte ^ mask[index & 3]!)]);
}

/** Breaks a stream in one to three places. */
function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let broken = bytes;
  for (let times = random.whole(1, 3); times > 0; times--) {
    // Heads are at the front of short frames: a place near one is worth more.
    const at = random.whole(0, random.happens(0.5) ? Math.min(20, broken.length) : broken.length);
    const [front, back] = [broken.slice(0, at), broken.slice(at)];
    switch (random.whole(0, 4)) {
      case 0:
        if (back.length > 0) back[0]! ^= 1 << random.whole(0, 7);
        broken = joined([front, back]);
        break;
      case 1:
        if (back.length > 0) back[0] = random.whole(0, 255);
        broken = joined([front, back]);
        break;
      case 2:
        broken = joined([front, noise(random, random.whole(1, 8)), back]);
        break;
      case 3:
        broken = joined([front, back.slice(random.whole(1, 8))]);
        break;
      case 4:
        broken = front;
    }
  }
  return broken;
}

/** All of these as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
