/**
 * The one queue that a session reads from. Socket, timers, broadcasts and apps all push into it, so
 * there is one order and no race.
 * @module
 */

/** A bounded queue with one reader. A waiting reader is handed the item directly. */
export class Inbox<Item> implements AsyncIterable<Item>, AsyncIterator<Item, undefined> {
  readonly #capacity: number;
  #items: Item[] = [];
  #head = 0;
  #waiting: ((result: IteratorResult<Item, undefined>) => void) | null = null;
  #ended = false;

  /** `capacity` is the number of items that may wait; the last one, of `end`, is not counted. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many items wait to be read. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Whether its reader waits, and nothing waits for its reader. */
  get isAwaited(): boolean {
    return this.#waiting !== null;
  }

  /** Whether the last item has been put in. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Puts an item in; false, and nothing done, when the inbox is full or has ended. */
  push(item: Item): boolean {
    if (this.#ended || this.length >= this.#capacity) return false;
    this.#put(item);
    return true;
  }

  /** Puts the last item in, even when the inbox is full. Only the first call counts. */
  end(last: Item): void {
    if (this.#ended) return;
    this.#put(last);
    this.#ended = true;
  }

  /** The next item; done after the last one. */
  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#head < this.#items.length) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The reader goes, or has gone: nothing more comes. */
  leave(): void {
    this.#ended = true;
    this.#items = [];
    this.#head = 0;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
  }

  /** As `leave`, for loops that are left. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Itself: there is one reader. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #put(item: Item): void {
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#items.push(item);
      return;
    }
    this.#waiting = null;
    waiting({ done: false, value: item });
  }

  #take(): Item {
    const item = this.#items[this.#head++] as Item;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }
}
