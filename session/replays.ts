/**
 * Sends many sessions what they missed without delaying anybody's audio: so many read a page at once,
 * all together work for two milliseconds between two turns of the event loop, and nothing is read
 * for a peer that does not keep up.
 * @module
 */
import { turn } from "./broadcast.ts";
import type { Session } from "./session.ts";

/** The longest work between two turns of the event loop. */
const SLICE_MS = 2;
/** The maximum of steps in a slice: the runtime sends after it, where the slice's clock does not see it. */
const SLICE_STEPS = 12;
/** How many notices a step sends. */
const STEP_NOTICES = 8;
/** The longest time, in microtasks, until a session has sent the notices of a step. */
const STEP_TICKS = 256;
/** A slow peer is looked at after this, and then after twice as long, up to the longest. */
const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 500;

/** The items that a session missed, oldest first. */
export interface Backlog<Item> {
  /** The next items after the last one that was sent; null at the end. */
  read(): readonly Item[] | null | Promise<readonly Item[] | null>;
  /** Tells one item. */
  tell(item: Item): void;
}

/** The part of a session that a replay needs. */
export type ReplaySession = Pick<Session<never>, "ended" | "takesMore">;

/** A step of work; true when there is no more. */
export type Step = () => boolean | Promise<boolean>;

/** The replays of one server. */
export class Replays {
  readonly #places: number;
  #taken = 0;
  readonly #queue: (() => void)[] = [];
  readonly #steps: { readonly step: Step; readonly done: PromiseWithResolvers<void> }[] = [];
  #running = false;
  #slices = 0;
  #mostTaken = 0;

  /** `places`: how many may hold a page at once. */
  constructor(places: number) {
    this.#places = places;
  }

  /** Counters: slices of work, and the maximum of pages held at once. */
  get counts(): { readonly slices: number; readonly mostAtOnce: number } {
    return { slices: this.#slices, mostAtOnce: this.#mostTaken };
  }

  /** Waits for a place, in the order of these calls. Dispose of it when its page has been sent. */
  async enter(): Promise<Disposable> {
    if (this.#taken < this.#places) this.#taken++;
    // A session that leaves passes on its place.
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#mostTaken = Math.max(this.#mostTaken, this.#taken);
    return { [Symbol.dispose]: () => this.#leave() };
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken--;
    else next();
  }

  /** Tells a session its backlog, at its own pace; false when the session has ended before. */
  async tell<Item>(session: ReplaySession, backlog: Backlog<Item>): Promise<boolean> {
    let hasEnded = false;
    let wake = () => {};
    session.ended.then(() => {
      hasEnded = true;
      wake();
    });
    const mayGoOn = async () => {
      for (let lookMs = FIRST_LOOK_MS; !session.takesMore && !hasEnded; lookMs *= 2) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, Math.min(lookMs, LONGEST_LOOK_MS));
        await promise;
        clearTimeout(timer);
      }
      return !hasEnded;
    };
    while (await mayGoOn()) {
      using _place = await this.enter();
      // It may have ended while it waited.
      if (hasEnded) return false;
      const items = await backlog.read();
      if (items === null) return true;
      await this.#tellPage(session, items, backlog);
    }
    return false;
  }

  /** Sends a page, or the part of it that the peer accepts: the rest is read again. */
  async #tellPage<Item>(
    session: ReplaySession,
    items: readonly Item[],
    backlog: Backlog<Item>,
  ): Promise<void> {
    let told = 0;
    await this.run(async () => {
      for (const item of items.slice(told, told + STEP_NOTICES)) backlog.tell(item);
      told += STEP_NOTICES;
      // Messages are built and sent in microtasks: the clock of the slice must see them.
      for (let tick = 0; tick < STEP_TICKS && !session.takesMore; tick++) await undefined;
      return told >= items.length || !session.takesMore;
    });
  }

  /** Runs a step again and again until it is done, in slices that it shares with all others. */
  run(step: Step): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#steps.push({ step, done });
    if (!this.#running) this.#runAll();
    return done.promise;
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    // Work that repeats, each time soon done, is still one slice after the other.
    await turn();
    while (await this.#slice()) await turn();
    this.#running = false;
  }

  /** One slice of work; false when there is no more. */
  async #slice(): Promise<boolean> {
    this.#slices++;
    const endMs = performance.now() + SLICE_MS;
    for (let steps = 0; steps < SLICE_STEPS && this.#steps.length > 0; steps++) {
      await this.#step();
      if (performance.now() >= endMs) break;
    }
    return this.#steps.length > 0;
  }

  async #step(): Promise<void> {
    const next = this.#steps.shift()!;
    try {
      if (await next.step()) next.done.resolve();
      else this.#steps.push(next);
    } catch (error) {
      next.done.reject(error);
    }
  }
}
