/**
 * Follows the log of events: whoever listens hears every event that is kept, in the order of their
 * ids and without gaps, so that "everything after n" can be asked for at any time.
 * @module
 */
import type { EventLog, StoredEvent } from "./event_log.ts";

/** Hears events, oldest first. */
export type Listener = (events: readonly StoredEvent[]) => void;

/** As many as listeners can pass on before they have their turn. */
const PAGE_EVENTS = 200;

/** The end of the log. */
export class Tail {
  readonly #log: EventLog;
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  #lastId: number;
  #reading: Promise<void> | undefined;
  #woken = false;

  private constructor(log: EventLog, lastId: number, failed: (error: unknown) => void) {
    this.#log = log;
    this.#lastId = lastId;
    this.#failed = failed;
  }

  /** Follows a log from its present end. `failed` is told what a listener threw. */
  static async open(log: EventLog, failed: (error: unknown) => void): Promise<Tail> {
    return new Tail(log, await log.lastId(), failed);
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

  /** Hears every event with a larger id than `lastId` is now. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async #read(): Promise<void> {
    try {
      while (this.#woken) {
        this.#woken = false;
        await this.#readOn();
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#reading = undefined;
  }

  async #readOn(): Promise<void> {
    while (true) {
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
