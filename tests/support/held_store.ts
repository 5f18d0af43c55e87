/**
 * A store of calls whose writes the test can hold up or fail.
 * @module
 */
import type { Call, CallEvent, NewCallEvent } from "../../calls/call.ts";
import type { CallStore } from "../../calls/store.ts";

/** Numbers events as a store does, and answers when the test lets it. */
export class HeldStore implements CallStore {
  /** What has been kept, in order. */
  readonly kept: (Call | CallEvent)[] = [];
  readonly #lastSeq = new Map<string, number>();
  #failing: Error | undefined;
  #gate: PromiseWithResolvers<void> | undefined;

  async begin(call: Call): Promise<void> {
    await this.#write();
    this.#lastSeq.set(call.id, 0);
    this.kept.push(call);
  }

  async append(callId: string, event: NewCallEvent, at: Date): Promise<CallEvent> {
    await this.#write();
    const seq = this.#lastSeq.get(callId)! + 1;
    this.#lastSeq.set(callId, seq);
    const recorded = { ...event, seq, at };
    this.kept.push(recorded);
    return recorded;
  }

  /** Lets no write come to its end until `release`. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Lets the writes that were held come to their ends, in order. */
  release(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Fails the next write. */
  failNext(error: Error): void {
    this.#failing = error;
  }

  #write(): Promise<void> {
    const failing = this.#failing;
    this.#failing = undefined;
    if (failing !== undefined) return Promise.reject(failing);
    return this.#gate?.promise ?? Promise.resolve();
  }
}
