/**
 * The calls of this server: begins them, writes their records, and notifies followers.
 * @module
 */
import type { CallRecord, NewCall, NewRecordEvent, RecordEvent } from "./call_record.ts";
import { fold, isComplete, stateBeforeLoss } from "./fold.ts";
import { Asks } from "./asks.ts";
import type { Line } from "./line.ts";
import { type Follower, LiveCall } from "./live_call.ts";
import { newCallRecord } from "./new_call_record.ts";
import { toE164 } from "../phone/number.ts";
import type { CallQuery, CallStore, Persisted } from "./store.ts";

/** What `Calls` needs from the world. */
export interface CallsPorts {
  readonly store: CallStore;
  readonly now: () => Date;
  /** Reads national numbers as numbers of this country. */
  readonly defaultCountry?: string;
  /** Logs faults of ours, such as an error in a follower. */
  readonly failed: (error: unknown) => void;
}

/** All calls of this server. Live ones are in memory, the others in the store. */
export class Calls {
  /** Requests to calls in progress. */
  readonly asks: Asks;
  readonly #ports: CallsPorts;
  readonly #live = new Map<string, LiveCall>();
  readonly #byPlatformId = new Map<string, string>();
  readonly #byToken = new Map<string, string>();
  readonly #reopening = new Map<string, Promise<CallRecord | undefined>>();
  #writing = 0;
  #written: PromiseWithResolvers<void> | undefined;

  constructor(ports: CallsPorts) {
    this.#ports = ports;
    this.asks = new Asks({
      live: (callId) => this.#live.get(callId),
      record: (callId, event) => this.record(callId, event),
      failed: ports.failed,
    });
  }

  /**
   * Loads the calls that were not over when the server last stopped. Their lines are gone; recovery
   * decides how they go on.
   */
  async recover(): Promise<readonly CallRecord[]> {
    const { store } = this.#ports;
    const calls = await store.open();
    for (const call of calls) {
      this.#open(LiveCall.recovered(call, await store.events(call.id, 0, Number.MAX_SAFE_INTEGER)));
    }
    return calls;
  }

  /** Opens a record; resolves when it is on disk. `actor` is who brings the call. */
  async begin(seed: NewCall, actor = "line"): Promise<CallRecord> {
    const { store, now, defaultCountry } = this.#ports;
    const at = now();
    const call = newCallRecord(seed, at, defaultCountry);
    const { direction } = seed;
    const started = { type: "started", actor, data: { direction } } as const;
    const { event } = await this.track(store.begin(call, started, at));
    const live = new LiveCall(fold(call, event), [event]);
    this.#open(live);
    return live.call;
  }

  /**
   * Reopens the record of a call that was given up as lost, when its platform reconnects; undefined
   * when there is no such call, or none that `sees` lets the platform know of.
   */
  async reopen(
    line: CallRecord["line"],
    platformId: string,
    sees?: (call: CallRecord) => boolean,
  ): Promise<CallRecord | undefined> {
    if (sees !== undefined) {
      const lost = await this.#ports.store.byPlatformId(line, platformId);
      if (lost === undefined || !sees(lost)) return undefined;
    }
    const key = platformKey(line, platformId);
    // Of two sockets of one call, the second must not find that the first has already reopened it.
    const reopening = this.#reopening.get(key) ??
      this.#reopen(line, platformId).finally(() => this.#reopening.delete(key));
    this.#reopening.set(key, reopening);
    return await reopening;
  }

  async #reopen(line: CallRecord["line"], platformId: string): Promise<CallRecord | undefined> {
    const { store } = this.#ports;
    const call = await store.byPlatformId(line, platformId);
    if (call?.endedBy !== "lost") return undefined;
    const events = await store.events(call.id, 0, Number.MAX_SAFE_INTEGER);
    if (!this.#live.has(call.id)) this.#open(LiveCall.recovered(call, events));
    const state = stateBeforeLoss(call, events);
    try {
      await this.record(call.id, { type: "line_back", actor: "line", data: { state } });
    } catch (error) {
      const live = this.#live.get(call.id);
      if (live !== undefined && isComplete(live.call)) this.#close(live);
      throw error;
    }
    return this.call(call.id);
  }

  /**
   * Writes an event; resolves with it when it is on disk. Only the first `ended` counts, and the
   * first `screening_ended` of a screening.
   * @param operation identifies the write: repeating it writes nothing
   */
  async record(
    callId: string,
    event: NewRecordEvent,
    operation?: string,
  ): Promise<RecordEvent | undefined> {
    const live = this.#live.get(callId);
    // What is not live is complete.
    if (live === undefined ? event.type === "ended" : !live.admits(event)) return undefined;
    const { store, now } = this.#ports;
    let persisted: Persisted;
    try {
      persisted = await this.track(store.append(callId, event, now(), operation));
    } catch (error) {
      live?.retracts(event);
      throw error;
    }
    if (live !== undefined && !persisted.repeated) this.#take(live, persisted.event);
    return persisted.event;
  }

  /** A query as a store takes it: `from` and `to`, in any notation, in E.164 as well. */
  asked(query: CallQuery): CallQuery {
    const e164 = (number = "") => toE164(number, this.#ports.defaultCountry) ?? undefined;
    return { ...query, fromE164: e164(query.from), toE164: e164(query.to) };
  }

  /** A call, over or not. */
  async find(id: string): Promise<CallRecord | undefined> {
    return this.call(id) ?? await this.#ports.store.call(id);
  }

  /** The call that a live conversation token opens, over or not. */
  async findByToken(token: string): Promise<CallRecord | undefined> {
    return this.byToken(token) ?? await this.#ports.store.byToken(token);
  }

  /** Resolves when every write so far has succeeded or failed. */
  async settled(): Promise<void> {
    while (this.#writing > 0) await (this.#written ??= Promise.withResolvers()).promise;
  }

  /** Counts this among the writes in progress. */
  track<Result>(write: Promise<Result>): Promise<Result> {
    this.#writing++;
    write.then(this.#done, this.#done);
    return write;
  }

  readonly #done = (): void => {
    if (--this.#writing > 0) return;
    this.#written?.resolve();
    this.#written = undefined;
  };

  /** The call of this id, if it is not over. */
  call(id: string): CallRecord | undefined {
    return this.#live.get(id)?.call;
  }

  /** The record so far of a call that is not over. */
  events(id: string): readonly RecordEvent[] {
    return this.#live.get(id)?.events ?? [];
  }

  /** The latest call with this id of the platform, if it is not over. */
  byPlatformId(line: CallRecord["line"], platformId: string): CallRecord | undefined {
    return this.call(this.#byPlatformId.get(platformKey(line, platformId)) ?? "");
  }

  /** The call that a live conversation token opens, if it is not over. */
  byToken(conversationToken: string): CallRecord | undefined {
    return this.call(this.#byToken.get(conversationToken) ?? "");
  }

  /** Calls `follower` with each later event of a live call; `events` has the earlier ones. */
  follow(callId: string, follower: Follower): Disposable {
    const followers = this.#live.get(callId)?.followers;
    followers?.add(follower);
    return { [Symbol.dispose]: () => void followers?.delete(follower) };
  }

  /** Resolves when a call has ended, once that is on disk. */
  whenOver(callId: string): Promise<void> {
    const live = this.#live.get(callId);
    if (live === undefined || live.call.state === "ended") return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const following = this.follow(callId, ({ type }) => {
      if (type !== "ended") return;
      following[Symbol.dispose]();
      resolve();
    });
    return promise;
  }

  /** Sets a call's line, and passes on requests that waited for one. */
  attach(callId: string, line: Line): Disposable {
    const live = this.#liveCall(callId);
    live.line = line;
    live.refuses = (ask) => line.refuses(ask);
    const { waiting } = live;
    live.waiting = [];
    for (const ask of waiting) line.ask(ask);
    return {
      [Symbol.dispose]: () => {
        if (live.line === line) live.line = undefined;
      },
    };
  }

  /** Holds a call until it is disposed of. The holder ends the call. */
  hold(callId: string): Disposable {
    const live = this.#live.get(callId);
    if (live !== undefined) live.holders++;
    let held = live !== undefined;
    return {
      [Symbol.dispose]() {
        if (held) live!.holders--;
        held = false;
      },
    };
  }

  /** The calls that are not complete, and that nobody holds. */
  get unheld(): readonly CallRecord[] {
    return [...this.#live.values()].filter(({ holders }) => holders === 0).map(({ call }) => call);
  }

  /** The calls that are not complete. */
  get live(): readonly CallRecord[] {
    return [...this.#live.values()].map(({ call }) => call);
  }

  /** Whether the last screening of a call is over. */
  screeningIsOver(callId: string): boolean {
    return this.#live.get(callId)?.screeningOver ?? false;
  }

  /** Whether a call has a line; it has none while jambonz reconnects. */
  hasLine(callId: string): boolean {
    return this.#live.get(callId)?.line !== undefined;
  }

  #open(live: LiveCall): void {
    const { id, line, platformId, liveConversationToken } = live.call;
    this.#live.set(id, live);
    this.#byPlatformId.set(platformKey(line, platformId), id);
    this.#byToken.set(liveConversationToken, id);
  }

  #take(live: LiveCall, event: RecordEvent): void {
    live.call = fold(live.call, event);
    live.events.push(event);
    if (event.type === "line_back") live.ending = live.call.state === "ended";
    for (const follower of [...live.followers]) this.#tell(follower, event, live.call);
    if (isComplete(live.call)) this.#close(live);
  }

  /** Forgets a call that is over and complete: it is in the store only. */
  #close({ call: { id, line, platformId, liveConversationToken } }: LiveCall): void {
    this.#live.delete(id);
    this.#byToken.delete(liveConversationToken);
    const key = platformKey(line, platformId);
    if (this.#byPlatformId.get(key) === id) this.#byPlatformId.delete(key);
  }

  #tell(follower: Follower, event: RecordEvent, call: CallRecord): void {
    try {
      follower(event, call);
    } catch (error) {
      this.#ports.failed(error);
    }
  }

  #liveCall(id: string): LiveCall {
    const live = this.#live.get(id);
    if (live === undefined) throw new Error(`Cannot open the record of call ${id}: it is over`);
    return live;
  }
}

function platformKey(line: CallRecord["line"], platformId: string): string {
  return `${line} ${platformId}`;
}
