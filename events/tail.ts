/**
 * Follows the event log: a listener receives every persisted event in the order of ids, without gaps. So
 * a reader can request "everything after n" at any time.
 * @module
 */
import type { EventLog, Logged, StoredEvent } from "./event_log.ts";

/** Receives events, oldest first. */
export type Listener = (events: readonly StoredEvent[]) => void;

/** Receives the result of each read of the log. */
export interface ReadListener {
  failed(error: unknown): void;
  worked(): void;
}

/** How many events listeners get in one turn of the event loop. */
const PAGE_EVENTS = 200;

/** The pause after a failed read. It doubles with each failure, up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** The end of the log. */
export class Tail {
  readonly #log: EventLog;
  readonly #failed: (error: unknown) => void;
  readonly #reads: ReadListener;
  /** With the types that each listener wants; undefined for all. */
  readonly #listeners = new Map<Listener, readonly string[] | undefined>();
  /** The types that all of them want; another array after each change. */
  #types: readonly string[] | undefined = [];
  #lastId: number;
  #reading: Promise<void> | undefined;
  #woken = false;
  #closed = false;
  #endPause = () => {};

  private constructor(
    log: EventLog,
    lastId: number,
    failed: (error: unknown) => void,
    reads: ReadListener,
  ) {
    this.#log = log;
    this.#lastId = lastId;
    this.#failed = failed;
    this.#reads = reads;
  }

  /**
   * Follows a log from its current end. `failed` receives listeners' errors; `reads` receives the result of
   * each read. Without `reads`, `failed` receives failed reads too.
   */
  static async open(
    log: EventLog,
    failed: (error: unknown) => void,
    reads: ReadListener = { failed, worked: () => {} },
  ): Promise<Tail> {
    return new Tail(log, await log.lastId(), failed, reads);
  }

  /** The id of the last event that listeners received, or did not want. */
  get lastId(): number {
    return this.#lastId;
  }

  /** New events have been persisted: these, if the store knows. */
  wake(logged?: Logged): void {
    if (logged !== undefined && this.#passesOver(logged)) {
      this.#lastId = logged.lastId;
      return;
    }
    this.#woken = true;
    this.#reading ??= this.#read();
  }

  /** Resolves when listeners have received all persisted events. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  /** Stops reading; resolves when listeners have received the page that is being read. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    await this.#reading;
  }

  /**
   * Calls the listener with every event after the current `lastId`, until it is disposed of. With
   * `types` it may receive only these: an event that no listener wants is never read.
   */
  listen(listener: Listener, types?: readonly string[]): Disposable {
    this.#listeners.set(listener, types);
    this.#combineTypes();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        this.#combineTypes();
      },
    };
  }

  /** Whether nobody wants these events, and everything before them is read. */
  #passesOver({ firstId, types }: Logged): boolean {
    return this.#reading === undefined && firstId === this.#lastId + 1 &&
      this.#types?.some((type) => types.has(type)) === false;
  }

  #combineTypes(): void {
    const wanted = [...this.#listeners.values()];
    this.#types = wanted.includes(undefined) ? undefined : wanted.flatMap((types) => types ?? []);
  }

  async #read(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#woken && !this.#closed) {
      this.#woken = false;
      try {
        await this.#readOn();
        this.#reads.worked();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        // The events are still unread, and perhaps no further commit wakes us.
        this.#woken = true;
        this.#reads.failed(error);
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#reading = undefined;
  }

  /** Waits, unless the tail is closed. */
  async #pause(ms: number): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
  }

  async #readOn(): Promise<void> {
    while (!this.#closed) {
      const types = this.#types;
      // Read before the page: anything missing from it up to here has an unwanted type.
      const endId = types === undefined ? 0 : await this.#log.lastId();
      const page = types?.length === 0
        ? []
        : await this.#log.after(this.#lastId, types === undefined ? {} : { types }, PAGE_EVENTS);
      // A listener has joined since, and may want the omitted events.
      if (types !== undefined && types !== this.#types) continue;
      const passedId = page.length < PAGE_EVENTS ? endId : 0;
      this.#lastId = Math.max(this.#lastId, passedId, page.at(-1)?.id ?? 0);
      if (page.length > 0) {
        for (const listener of [...this.#listeners.keys()]) this.#tell(listener, page);
      }
      if (page.length < PAGE_EVENTS) return;
      // A burst must not flood the listeners.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  #tell(listener: Listener, page: readonly StoredEvent[]): void {
    try {
      listener(page);
    } catch (error) {
      this.#failed(error);
    }
  }
}
