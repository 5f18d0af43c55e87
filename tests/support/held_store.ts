/**
 * A store of calls whose writes the test can delay or fail.
 * @module
 */
import type { CallRecord, NewRecordEvent, RecordEvent } from "../../calls/call_record.ts";
import type { CallStore, Persisted } from "../../calls/store.ts";

/** Numbers events like a store, and answers when the test allows it. */
export class HeldStore implements CallStore {
  /** The writes, in order. */
  readonly kept: (CallRecord | RecordEvent)[] = [];
  readonly #calls: CallRecord[] = [];
  readonly #events: [callId: string, event: RecordEvent][] = [];
  readonly #lastSeq = new Map<string, number>();
  #failing: Error | undefined;
  #gate: PromiseWithResolvers<void> | undefined;

  async begin(call: CallRecord, first: NewRecordEvent, at: Date): Promise<Persisted> {
    await this.#write();
    this.#calls.push(call);
    this.kept.push(call);
    return this.#number(call.id, first, at);
  }

  async append(callId: string, event: NewRecordEvent, at: Date): Promise<Persisted> {
    await this.#write();
    return this.#number(callId, event, at);
  }

  call(id: string): Promise<CallRecord | undefined> {
    return Promise.resolve(this.#calls.find((call) => call.id === id));
  }

  byToken(token: string): Promise<CallRecord | undefined> {
    return Promise.resolve(this.#calls.find((call) => call.liveConversationToken === token));
  }

  byPlatformId(line: CallRecord["line"], platformId: string): Promise<CallRecord | undefined> {
    const found = this.#calls.findLast((call) =>
      call.line === line && call.platformId === platformId
    );
    return Promise.resolve(found);
  }

  open(): Promise<readonly CallRecord[]> {
    return Promise.resolve([]);
  }

  events(callId: string, afterSeq: number): Promise<readonly RecordEvent[]> {
    const events = this.#events.filter(([id, { seq }]) => id === callId && seq > afterSeq);
    return Promise.resolve(events.map(([, event]) => event));
  }

  #number(callId: string, event: NewRecordEvent, at: Date): Persisted {
    const seq = (this.#lastSeq.get(callId) ?? 0) + 1;
    this.#lastSeq.set(callId, seq);
    const recorded = { ...event, seq, at };
    this.#events.push([callId, recorded]);
    this.kept.push(recorded);
    return { id: this.kept.length, event: recorded, repeated: false };
  }

  /** Holds all writes until `release`. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Releases the held writes in order. */
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
