/**
 * Things that arrive one after the other, and tests that wait for one of them. Nothing here
 * sleeps: the deadline only turns what would hang into a failure that says what had come.
 * @module
 */

const DEADLINE_MS = 10_000;

/** Waits for work that must come to an end; `told` says what is known when it does not. */
export async function within<Result>(
  work: Promise<Result>,
  told: () => string,
): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const deadline = setTimeout(() => {
    reject(new Error(`Nothing came within ${DEADLINE_MS} ms: ${told()}`));
  }, DEADLINE_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(deadline);
  }
}

/** Collects items for one test. */
export class Arrivals<Item> {
  /** Everything that has come, whether a test has taken it or not. */
  readonly all: Item[] = [];
  #taken = 0;
  #wakers: (() => void)[] = [];
  #end: string | undefined;

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

  /** The next item that passes; those before it are passed over, so that order is tested too. */
  next(passes: (item: Item) => boolean = () => true): Promise<Item> {
    return this.#wait(() => {
      while (this.#taken < this.all.length) {
        const item = this.all[this.#taken++]!;
        if (passes(item)) return item;
      }
      return undefined;
    });
  }

  /** Any item that passes, taken or not. */
  some(passes: (item: Item) => boolean): Promise<Item> {
    return this.#wait(() => this.all.find(passes));
  }

  async #wait(find: () => Item | undefined): Promise<Item> {
    const search = async () => {
      while (true) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#end !== undefined) throw new Error(`${this.#end}; ${this.#told()}`);
        await new Promise<void>((resolve) => this.#wakers.push(resolve));
      }
    };
    return await within(search(), () => this.#told());
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #told(): string {
    return `of ${this.all.length} received the last are ${Deno.inspect(this.all.slice(-8))}`;
  }
}
