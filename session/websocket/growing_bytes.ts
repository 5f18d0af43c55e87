/**
 * Assembles a payload that arrives in pieces.
 * @module
 */
import { type Bytes, HEAD_ROOM } from "./frame.ts";

const FIRST_BYTES = 128;

/**
 * Bytes that grow with the received data, never with the announced length. Before them is
 * room for the head of a frame.
 */
export class GrowingBytes {
  #bytes: Bytes = new Uint8Array(HEAD_ROOM + FIRST_BYTES);
  #end = HEAD_ROOM;

  /** How many there are. */
  get length(): number {
    return this.#end - HEAD_ROOM;
  }

  /** Where the next piece goes in `buffer`. */
  get end(): number {
    return this.#end;
  }

  /** Everything, with the room before it. A later `append` may replace it. */
  get buffer(): Bytes {
    return this.#bytes;
  }

  /** All bytes so far, as a view. */
  get bytes(): Bytes {
    return this.#bytes.subarray(HEAD_ROOM, this.#end);
  }

  /** Copies a piece to the end. */
  append(piece: Bytes): void {
    const end = this.#end + piece.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#end);
    this.#end = end;
  }
}
