/**
 * One session's writing in the record of its call: in order, from before the record is open.
 * @module
 */
import type { CallBook } from "./book.ts";
import type { Call, NewCall, NewCallEvent } from "./call.ts";

/** Writes for a session that cannot wait: each event after the one before it has been kept. */
export class CallWriter {
  readonly #book: CallBook;
  readonly #failed: (error: unknown) => void;
  #callId: string | undefined;
  #tail: Promise<void> = Promise.resolve();

  /** `failed` is told of a write that came to nothing. */
  constructor(book: CallBook, failed: (error: unknown) => void) {
    this.#book = book;
    this.#failed = failed;
  }

  /** The call as it stands, once its record is open. */
  get call(): Call | undefined {
    return this.#callId === undefined ? undefined : this.#book.call(this.#callId);
  }

  /** Resolves when all that has been written so far is kept. */
  get settled(): Promise<void> {
    return this.#tail;
  }

  /** Opens a record; what is written meanwhile follows when it is open. */
  begin(seed: NewCall): Promise<Call> {
    const opening = this.#book.begin(seed).then((call) => {
      this.#callId = call.id;
      return call;
    });
    this.#tail = opening.then(() => {}, () => {});
    return opening;
  }

  /** Goes on in a record that is open already. */
  resume(call: Call): void {
    this.#callId = call.id;
  }

  /** Writes an event, made from the call as it stands after all that was written before. */
  write(make: (call: Call) => NewCallEvent | undefined): void {
    this.#tail = this.#tail.then(() => this.#write(make)).catch(this.#failed);
  }

  async #write(make: (call: Call) => NewCallEvent | undefined): Promise<void> {
    // Without a record there is nothing to write in: the failure to open it has been reported.
    const { call } = this;
    if (call === undefined) return;
    const event = make(call);
    if (event !== undefined) await this.#book.record(call.id, event);
  }
}
