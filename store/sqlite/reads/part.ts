/**
 * Puts the text of a part together, and says where the next one begins.
 * @module
 */
import type { Part } from "../../pages.ts";

/** A part ends after the item that fills it: the thread that passes it on copies no more at once. */
export const PART_BYTES = 256 * 1024;

/** How many rows one read looks at when most of them do not match. */
export const WINDOW_ROWS = 500;

const encoder = new TextEncoder();

/** One part while it is written. */
export class PartText<Key> {
  readonly #limit: number;
  readonly #separator: string;
  #text = "";
  #count = 0;
  #last: Key | null = null;
  #isFollowed = false;

  /** Takes at most `limit` items, with `separator` between them. */
  constructor(limit: number, separator: "," | "") {
    this.#limit = limit;
    this.#separator = separator;
  }

  /** Whether it takes no more items. */
  get isOver(): boolean {
    return this.#isFollowed || this.#text.length >= PART_BYTES;
  }

  /** Adds an item; one more than the limit only shows that there are more. */
  add(key: Key, text: () => string): void {
    if (this.#count === this.#limit) {
      this.#isFollowed = true;
      return;
    }
    this.#text += this.#count === 0 ? text() : this.#separator + text();
    this.#count++;
    this.#last = key;
  }

  /** The part. `seen` is the last place that was looked at, `isEnd` whether the list ends there. */
  done(seen: Key, isEnd: boolean): Part<Key> {
    const last = this.#last;
    const common = { items: encoder.encode(this.#text), count: this.#count, last };
    if (this.#isFollowed) return { ...common, seen: last ?? seen, rest: "some" };
    if (this.isOver) return { ...common, seen: last!, rest: "unread" };
    return { ...common, seen, rest: isEnd ? "none" : "unread" };
  }
}
