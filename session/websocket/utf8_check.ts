/**
 * Checks UTF-8 as it arrives, so that a text is refused at its first invalid byte and not at its end.
 * @see The Unicode Standard, table 3-7: Well-Formed UTF-8 Byte Sequences
 * @module
 */

/** The check of one text. */
export class Utf8Check {
  /** How many bytes the current character still needs. */
  #needed = 0;
  #least = 0x80;
  #most = 0xbf;

  /** Whether the text may end here: no character is incomplete. */
  get isWhole(): boolean {
    return this.#needed === 0;
  }

  /** Checks the bytes from `from` to `to`; false at the first invalid one. */
  take(bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (this.#needed > 0) {
        if (byte < this.#least || byte > this.#most) return false;
        this.#needed--;
        this.#least = 0x80;
        this.#most = 0xbf;
      } else if (byte >= 0x80 && !this.#begin(byte)) return false;
    }
    return true;
  }

  /** The first byte says how many follow, and what the second may be. */
  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // Neither longer than need be, nor a surrogate, nor past U+10FFFF.
    if (byte === 0xe0) this.#least = 0xa0;
    else if (byte === 0xed) this.#most = 0x9f;
    else if (byte === 0xf0) this.#least = 0x90;
    else if (byte === 0xf4) this.#most = 0x8f;
    return true;
  }
}
