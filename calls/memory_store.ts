/**
 * Records in memory: for tests, and until a database is set.
 * @module
 */
import type { Call, CallEvent, NewCallEvent } from "./call.ts";
import type { CallStore } from "./store.ts";

/** Keeps the number of the last event of each call, which is all that a numbering needs. */
export class MemoryCallStore implements CallStore {
  readonly #lastSeq = new Map<string, number>();

  begin(call: Call): Promise<void> {
    this.#lastSeq.set(call.id, 0);
    return Promise.resolve();
  }

  append(callId: string, event: NewCallEvent, at: Date): Promise<CallEvent> {
    const last = this.#lastSeq.get(callId);
    if (last === undefined) {
      return Promise.reject(new Error(`Cannot append "${event.type}" to call ${callId}: unknown`));
    }
    this.#lastSeq.set(callId, last + 1);
    return Promise.resolve({ ...event, seq: last + 1, at });
  }
}
