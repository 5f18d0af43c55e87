/**
 * The one queue that a session reads. Socket, timers, broadcasts and apps push into it, so there is
 * one order and no race.
 * @module
 */

/** A bounded queue with one reader, which gets an item directly if it waits for one. */
export class Inbox<Item> implements AsyncIterable<Item>, AsyncIterator<Item, undefined> {
  readonly #capacity: number;
  #items: Item[] = [];
  #head = 0;
  #waiting: ((result: IteratorResult<Item, undefined>) => void) | null = null;
  #ended = false;

  /** @param capacity how many items may be queued, besides the last one, of `end` */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The number of queued items. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Whether the reader waits for an item. */
  get isAwaited(): boolean {
    return this.#waiting !== null;
  }

  /** Whether it accepts no more items. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Puts an item in, or returns false when the inbox is full or has ended. */
  push(item: Item): boolean {
    if (this.#ended || this.length >= this.#capacity) return false;
    this.#put(item);
    return true;
  }

  /** Puts the last item in, even into a full inbox. Only the first call counts. */
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

  /** The reader leaves: drops all items, and accepts no more. */
  leave(): void {
    this.#ended = true;
    this.#items = [];
    this.#head = 0;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
  }

  /** As `leave`, for a loop that breaks. */
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
