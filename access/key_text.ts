/**
 * The text of a key: `tpr_`, its id, 256 random bits, and a checksum.
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * The form of a key, for secret scanners: `tpr_`, 10 characters of id, 43 of secret, 6 of checksum. The
 * letters and digits of base62 are selected with one double click, and need no escaping anywhere.
 */
export const KEY_PATTERN = /^tpr_([0-9A-Za-z]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_CHARACTERS = 10;
const ID_BYTES = 7;
const SECRET_CHARACTERS = 43;
const SECRET_BYTES = 32;
const CHECKSUM_CHARACTERS = 6;

/** A new id: 56 random bits, or the same for the same operation. */
export function newKeyId(operation?: string): string {
  const bytes = operation === undefined
    ? randomBytes(ID_BYTES)
    : createHash("sha256").update(operation).digest().subarray(0, ID_BYTES);
  return base62(bytes, ID_CHARACTERS);
}

/** A new key with this id. Nobody can read it again: only its hash is stored. */
export function newKeyText(id: string): string {
  const text = `tpr_${id}_${base62(randomBytes(SECRET_BYTES), SECRET_CHARACTERS)}`;
  return text + checksum(text);
}

/** The id in a key; undefined when it is not ours, or mistyped. */
export function keyIdIn(text: string): string | undefined {
  const id = KEY_PATTERN.exec(text)?.[1];
  const end = text.length - CHECKSUM_CHARACTERS;
  return id !== undefined && checksum(text.slice(0, end)) === text.slice(end) ? id : undefined;
}

/**
 * The stored hash. One round of SHA-256 is enough: a slow hash protects secrets that people
 * choose, and nobody can try 2^256 secrets. A slow one would let strangers waste our CPU time.
 */
export function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function checksum(text: string): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(text));
  return base62(bytes, CHECKSUM_CHARACTERS);
}

function base62(bytes: Uint8Array, characters: number): string {
  let rest = BigInt(`0x${bytes.toHex()}`);
  let text = "";
  for (let at = 0; at < characters; at++) {
    text = DIGITS[Number(rest % 62n)]! + text;
    rest /= 62n;
  }
  return text;
}
