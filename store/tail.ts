/**
 * Follows the log of events: whoever listens hears every event that is kept, in the order of their
 * ids and without gaps, so that "everything after n" can be asked for at any time.
 * @module
 */
import type { EventLog, StoredEvent } from "./event_log.ts";
import { Outage, type OutageListener } from "./outage.ts";

/** Hears events, oldest first. */
export type Listener = (events: readonly StoredEvent[]) => void;

/** As many as listeners can pass on before they have their turn. */
const PAGE_EVENTS = 200;

/** The pause after a failed read. It doubles with each failure, up to the bound. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** The end of the log. */
export class Tail {
  readonly #log: EventLog;
  readonly #failed: (error: unknown) => void;
  readonly #outage: Outage;
  readonly #listeners = new Set<Listener>();
  #lastId: number;
  #reading: Promise<void> | undefined;
  #woken = false;
  #closed = false;
  #endPause = () => {};

  private constructor(
    log: EventLog,
    lastId: number,
    failed: (error: unknown) => void,
    outage: OutageListener,
  ) {
    this.#log = log;
    this.#lastId = lastId;
    this.#failed = failed;
    this.#outage = new Outage(outage);
  }

  /**
   * Follows a log from its present end. `failed` hears what a listener threw. `outage` hears
   * when the log cannot be read and when it can be again; without it `failed` hears the first.
   */
  static async open(
    log: EventLog,
    failed: (error: unknown) => void,
    outage: OutageListener = { began: failed, over: () => {} },
  ): Promise<Tail> {
    return new Tail(log, await log.lastId(), failed, outage);
  }

  /** The id of the last event that has been told. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Something has been kept. */
  wake(): void {
    this.#woken = true;
    this.#reading ??= this.#read();
  }

  /** Resolves when all that has been kept has been told. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  /** Reads no more; resolves when the page that is being read has been told. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    await this.#reading;
  }

  /** Hears every event with a larger id than `lastId` is now. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async #read(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#woken && !this.#closed) {
      this.#woken = false;
      try {
        await this.#readOn();
        this.#outage.worked();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        // What could not be read is still there, and perhaps no commit follows it.
        this.#woken = true;
        this.#outage.failed(error);
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#reading = undefined;
  }

  /** Waits, unless it is being closed. */
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
      const page = await this.#log.after(this.#lastId, {}, PAGE_EVENTS);
      this.#lastId = page.at(-1)?.id ?? this.#lastId;
      if (page.length > 0) {
        for (const listener of [...this.#listeners]) {
          this.#tell(listener, page);
        }
      }
      if (page.length < PAGE_EVENTS) return;
      // A burst must not flood those who are told of it.
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
