/**
 * One reader of the event log, at its own pace: pages from the store while it is behind, then new
 * events as they come. A bounded number of them waits for it.
 * @module
 */
import type { ServerSentEventMessage } from "@std/http/server-sent-event-stream";
import { e164OrText } from "../../phone/number.ts";
import type { EventFilter, EventLog, StoredEvent } from "../../events/event_log.ts";
import type { Tail } from "../../events/tail.ts";
import type { Services } from "../services.ts";

/** What a reader needs from the server. */
export interface EventSources extends Pick<Services, "stopping" | "failed"> {
  readonly store: { readonly events: Pick<EventLog, "after"> };
  readonly tail: Pick<Tail, "lastId" | "listen">;
}

/** What one reader asks for. */
export interface EventReading {
  readonly filter: EventFilter;
  /** The last event that the reader knows; without it reading begins at the end of the log. */
  readonly afterId: number | undefined;
  readonly heartbeatMs: number;
  /** Calls `end` when the reader may not read on. */
  stay?(end: () => void): Disposable | undefined;
  message(event: StoredEvent): ServerSentEventMessage | Promise<ServerSentEventMessage>;
}

const PAGE_EVENTS = 200;
/** A live reader with more events waiting goes back to reading pages. */
const WAITING_EVENTS = 1000;

type Controller = ReadableStreamDefaultController<ServerSentEventMessage>;

/** The source of one stream. The stream pulls when the reader has taken everything so far. */
export class EventReader implements UnderlyingDefaultSource<ServerSentEventMessage> {
  readonly #services: EventSources;
  readonly #reading: EventReading;
  /** Everything up to this id has been given, or does not pass the filter. */
  #given: number;
  /** Everything up to this id has been given, is waiting, or does not pass the filter. */
  #heard: number;
  /** Live events that have not been given yet; null while pages are read. */
  #waiting: StoredEvent[] | null;
  #wake = () => {};
  readonly #over = new AbortController();

  constructor(services: EventSources, reading: EventReading) {
    this.#services = services;
    this.#reading = reading;
    const { lastId } = services.tail;
    this.#given = Math.min(reading.afterId ?? lastId, lastId);
    this.#heard = this.#given;
    this.#waiting = this.#given === lastId ? [] : null;
  }

  /** Starts to listen. */
  start(controller: Controller): void {
    const { tail, stopping } = this.#services;
    const { heartbeatMs } = this.#reading;
    const { signal } = this.#over;
    const listening = tail.listen((events) => this.#hear(events));
    const heartbeat = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue({ comment: "" });
    }, heartbeatMs);
    const close = () => {
      this.#over.abort();
      controller.close();
    };
    stopping.addEventListener("abort", close, { signal });
    signal.addEventListener("abort", () => {
      clearInterval(heartbeat);
      listening[Symbol.dispose]();
      this.#wake();
    });
    const stay = this.#reading.stay?.(close);
    // The reader's key may have ended since it was shown.
    if (signal.aborted) return;
    signal.addEventListener("abort", () => stay?.[Symbol.dispose]());
    // A first comment shows the reader that the stream is open.
    controller.enqueue({ comment: "" });
  }

  /** Gives the next events, and waits while there are none. */
  async pull(controller: Controller): Promise<void> {
    const { signal } = this.#over;
    try {
      while (!signal.aborted) {
        const events = this.#waiting === null ? await this.#page() : this.#takeWaiting();
        if (signal.aborted) return;
        for (const event of events) controller.enqueue(await this.#reading.message(event));
        if (events.length > 0) return;
        if (this.#waiting !== null) await this.#woken();
      }
    } catch (error) {
      // Not a failure when the server stops or the reader has gone.
      if (signal.aborted) return;
      this.#services.failed(error);
      this.#over.abort();
      controller.error(error);
    }
  }

  /** The reader has gone. */
  cancel(): void {
    this.#over.abort();
  }

  /** One page of missed events; after the last page the reader is live. */
  async #page(): Promise<readonly StoredEvent[]> {
    const { store, tail } = this.#services;
    const end = tail.lastId;
    const page = await store.events.after(this.#given, this.#reading.filter, PAGE_EVENTS);
    const lastId = page.at(-1)?.id ?? this.#given;
    this.#given = page.length === PAGE_EVENTS ? lastId : Math.max(lastId, end);
    // No event can come between this check and the next call of `#hear`.
    if (page.length < PAGE_EVENTS && this.#given >= tail.lastId) {
      this.#heard = this.#given;
      this.#waiting = [];
    }
    return page;
  }

  #takeWaiting(): readonly StoredEvent[] {
    const events = this.#waiting ?? [];
    this.#waiting = [];
    this.#given = this.#heard;
    return events;
  }

  #hear(events: readonly StoredEvent[]): void {
    if (this.#waiting === null) return;
    if (this.#reading.filter.bounds !== undefined) {
      // Only the store knows to which number the call of an event went.
      this.#waiting = null;
      return this.#wake();
    }
    for (const event of events) {
      if (event.id <= this.#heard) continue;
      this.#heard = event.id;
      if (passes(event, this.#reading.filter)) this.#waiting.push(event);
    }
    // The reader is too slow: it reads the rest from the store.
    if (this.#waiting.length > WAITING_EVENTS) this.#waiting = null;
    this.#wake();
  }

  #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }
}

/** Whether an event passes the filter: the same decision as the store's. */
function passes(event: StoredEvent, { types, callId, contractId, clientId }: EventFilter): boolean {
  if (types !== undefined && !types.includes(event.type)) return false;
  if (callId !== undefined && event.callId !== callId) return false;
  if (contractId !== undefined && event.contractId !== contractId) return false;
  if (clientId === undefined) return true;
  if (event.contractId === null) return false;
  const parties = event.data["parties"];
  return event.toEveryone ||
    (Array.isArray(parties) && parties.some((party) => e164OrText(String(party)) === clientId));
}
