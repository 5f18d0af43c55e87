/**
 * Items that arrive one after the other, and tests that wait for one of them. Nothing here sleeps:
 * the deadline only turns a hanging test into a failure that lists the items so far.
 * @module
 */

/** Far longer than anything takes on a busy machine. No test depends on it. */
const DEADLINE_MS = 15_000;
/** The real timers: a fake clock must not delay a deadline. */
const { setTimeout, clearTimeout } = globalThis;

/**
 * Waits for work that must end.
 * @param told describes the expectation and what arrived instead, for the error
 * @throws {Error} when the work takes longer than `deadlineMs`
 */
export async function within<Result>(
  work: PromiseLike<Result>,
  told: () => string,
  deadlineMs: number = DEADLINE_MS,
): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const deadline = setTimeout(() => {
    reject(new Error(`Nothing came within ${deadlineMs} ms: ${told()}`));
  }, deadlineMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * Looks repeatedly until it finds something. Each look must be an asynchronous request, for example
 * to a server or the disk. If there is an event, wait for the event instead.
 * @param told as for `within`
 */
export async function found<Item>(
  look: () => Promise<Item | undefined>,
  told: () => string,
  deadlineMs: number = DEADLINE_MS,
): Promise<Item> {
  let late = false;
  const search = async () => {
    while (!late) {
      const item = await look();
      if (item !== undefined) return item;
    }
    // Nothing waits for it any more.
    return undefined as never;
  };
  try {
    return await within(search(), told, deadlineMs);
  } finally {
    late = true;
  }
}

/** Yields the items of a stream, each within the deadline of `within`. */
export async function* eachWithin<Item>(
  items: AsyncIterable<Item>,
  told: () => string,
  deadlineMs: number = DEADLINE_MS,
): AsyncGenerator<Item, void, void> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (true) {
      const { done, value } = await within(iterator.next(), told, deadlineMs);
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a hanging iterator would hang here again.
    iterator.return?.().catch(() => {});
  }
}

/** Collects items for one test. */
export class Arrivals<Item> {
  /** All items so far, taken or not. */
  readonly all: Item[] = [];
  readonly #deadlineMs: number;
  #taken = 0;
  #wakers: (() => void)[] = [];
  #end: string | undefined;

  constructor(deadlineMs: number = DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /** Adds an item. */
  push(item: Item): void {
    this.all.push(item);
    this.#wake();
  }

  /** Ends the items: waiting tests fail immediately. */
  end(why: string): void {
    this.#end ??= why;
    this.#wake();
  }

  /**
   * The next matching item. Skips those before it, so that the order is tested too.
   * @param what names the item in the error
   */
  next(
    passes: (item: Item) => boolean = () => true,
    what: string = inWords(passes),
  ): Promise<Item> {
    return this.#wait(what, () => {
      while (this.#taken < this.all.length) {
        const item = this.all[this.#taken++]!;
        if (passes(item)) return item;
      }
      return undefined;
    });
  }

  /** Any matching item, taken or not. */
  some(passes: (item: Item) => boolean, what: string = inWords(passes)): Promise<Item> {
    return this.#wait(what, () => this.all.find(passes));
  }

  /** All items when there are this many. */
  async count(count: number): Promise<readonly Item[]> {
    await this.#wait(`${count} of them`, () => this.all.length >= count ? this.all : undefined);
    return this.all;
  }

  async #wait<Found>(what: string, find: () => Found | undefined): Promise<Found> {
    let late = false;
    const search = async () => {
      while (!late) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#end !== undefined) throw new Error(`${this.#end}; ${this.#told(what)}`);
        await new Promise<void>((resolve) => this.#wakers.push(resolve));
      }
      // Nothing waits for it any more: it must not take the item of the next waiter.
      return undefined as never;
    };
    try {
      return await within(search(), () => this.#told(what), this.#deadlineMs);
    } finally {
      late = true;
    }
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #told(what: string): string {
    const last = Deno.inspect(this.all.slice(-8));
    return `waited for ${what}; of ${this.all.length} received the last are ${last}`;
  }
}

/** The source of a predicate. */
function inWords(passes: (item: never) => boolean): string {
  return String(passes).replaceAll(/\s+/g, " ");
}
