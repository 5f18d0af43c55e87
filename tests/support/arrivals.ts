/**
 * Things that arrive one after the other, and tests that wait for one of them. Nothing here
 * sleeps: the deadline only turns what would hang into a failure that says what had come.
 * @module
 */

/** No test depends on it: it is far longer than anything takes on a machine that is busy. */
const DEADLINE_MS = 15_000;
/** The real ones: a fake clock must not hold up a deadline. */
const { setTimeout, clearTimeout } = globalThis;

/**
 * Waits for work that must come to an end.
 * @param told says what was waited for and what came instead; it goes into the error
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
 * Looks again and again until something is found. Each look must ask somebody else, such as a
 * server or the disk: where an event tells that it is there, wait for the event.
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
    // Nobody waits for it any more.
    return undefined as never;
  };
  try {
    return await within(search(), told, deadlineMs);
  } finally {
    late = true;
  }
}

/** Gives the items of a stream, and waits for none of them longer than `within` does. */
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
    // It is not waited for: an iterator that hangs would hang here once more.
    iterator.return?.().catch(() => {});
  }
}

/** Collects items for one test. */
export class Arrivals<Item> {
  /** Everything that has come, whether a test has taken it or not. */
  readonly all: Item[] = [];
  readonly #deadlineMs: number;
  #taken = 0;
  #wakers: (() => void)[] = [];
  #end: string | undefined;

  constructor(deadlineMs: number = DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /** One more has come. */
  push(item: Item): void {
    this.all.push(item);
    this.#wake();
  }

  /** No more will come, so that nobody waits in vain. */
  end(why: string): void {
    this.#end ??= why;
    this.#wake();
  }

  /**
   * The next item that passes; those before it are passed over, so that order is tested too.
   * @param what names what is waited for, in the error
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

  /** Any item that passes, taken or not. */
  some(passes: (item: Item) => boolean, what: string = inWords(passes)): Promise<Item> {
    return this.#wait(what, () => this.all.find(passes));
  }

  /** Everything, once so many have come. */
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
      // Nobody waits for it any more, so that it takes nothing away from the next who does.
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

/** What a predicate asks for, as it is written. */
function inWords(passes: (item: never) => boolean): string {
  return String(passes).replaceAll(/\s+/g, " ");
}
