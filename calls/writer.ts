/**
 * Writes a session's events in the record of its call: in order, even before the record is open.
 * @module
 */
import type { Calls } from "./calls.ts";
import type { CallRecord, NewCall, NewRecordEvent } from "./call_record.ts";

/** A failed write is tried again after this: somebody may empty a full disk. */
const RETRY_MS = 1000;

/**
 * Writes for a session that cannot wait: each event when the one before it is on disk. While the disk
 * takes nothing, the call goes on and its events wait.
 */
export class CallWriter {
  readonly #calls: Calls;
  readonly #failed: (error: unknown) => void;
  readonly #stopping: AbortSignal;
  #callId: string | undefined;
  #last: CallRecord | undefined;
  #tail: Promise<void> = Promise.resolve();
  /** What goes on when the disk takes nothing; made when there is something. */
  #unpersisted: Set<() => void> | undefined;
  #isStuck = false;

  /** `failed` is told of each failed write. When `stopping`, nothing is tried again. */
  constructor(calls: Calls, failed: (error: unknown) => void, stopping: AbortSignal) {
    this.#calls = calls;
    this.#failed = failed;
    this.#stopping = stopping;
  }

  /** The call as it stands, or as it last stood when it is over; undefined before its record is open. */
  get call(): CallRecord | undefined {
    return this.#callId === undefined ? undefined : this.#calls.call(this.#callId) ?? this.#last;
  }

  /** Resolves when all writes so far are on disk. */
  get settled(): Promise<void> {
    return this.#tail;
  }

  /**
   * Resolves when all writes so far are on disk and may be acknowledged. When the disk takes nothing
   * it resolves at once: a call in progress goes on.
   */
  get persistedOrStuck(): Promise<void> {
    if (this.#isStuck) return Promise.resolve();
    const waiting = this.#unpersisted ??= new Set();
    return new Promise((goOn) => {
      waiting.add(goOn);
      this.#tail.then(() => {
        waiting.delete(goOn);
        goOn();
      });
    });
  }

  /**
   * Opens a record, or goes on in the one that `found` resolves with. Writes wait until it is open.
   */
  begin(
    seed: NewCall,
    found?: Promise<CallRecord | undefined>,
    actor?: string,
  ): Promise<CallRecord> {
    const open = async () => await found ?? await this.#calls.begin(seed, actor);
    const opening = open().then((call) => {
      this.#callId = call.id;
      return call;
    });
    this.#tail = opening.then(() => {}, () => {});
    return opening;
  }

  /** Goes on in a record that is open already. */
  resume(call: CallRecord): void {
    this.#callId = call.id;
    this.#last = call;
  }

  /** Writes an event, made from the call as it stands after all earlier writes. */
  write(make: (call: CallRecord) => NewRecordEvent | undefined): void {
    this.#tail = this.#tail.then(() => this.#write(make));
    this.#calls.track(this.#tail);
  }

  async #write(make: (call: CallRecord) => NewRecordEvent | undefined): Promise<void> {
    // The record could not be opened, which has been reported.
    const callId = this.#callId;
    if (callId === undefined) return;
    while (true) {
      try {
        const call = this.#calls.call(callId) ?? this.#last;
        const event = call && make(call);
        if (event === undefined) return;
        await this.#calls.record(callId, event);
        this.#last = this.#calls.call(callId) ?? call;
        this.#isStuck = false;
        return;
      } catch (error) {
        this.#failed(error);
        if (!await this.#mayRetry(error)) return;
      }
    }
  }

  /** Waits until a write may be tried again; false when it may not. */
  #mayRetry(error: unknown): Promise<boolean> {
    const temporary = error instanceof Error && error.name === "StoreUnavailable";
    if (!temporary || this.#stopping.aborted) return Promise.resolve(false);
    this.#isStuck = true;
    for (const goOn of this.#unpersisted ?? []) goOn();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const retry = () => {
      clearTimeout(timer);
      this.#stopping.removeEventListener("abort", retry);
      resolve(!this.#stopping.aborted);
    };
    const timer = setTimeout(retry, RETRY_MS);
    this.#stopping.addEventListener("abort", retry);
    return promise;
  }
}
