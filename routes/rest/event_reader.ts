/**
 * One reader of the event log, at its own pace: pages of text from the store while it is behind, then
 * new events as they arrive. The number of queued events is limited.
 * @module
 */
import { streamedText } from "../../events/client_events.ts";
import { CALL_TYPES, CONTRACT_TYPES } from "../../events/schemas.ts";
import { e164OrText } from "../../phone/number.ts";
import type { EventFilter, StoredEvent } from "../../events/event_log.ts";
import type { Tail } from "../../events/tail.ts";
import type { Pages } from "../../store/pages.ts";
import type { SealedStream } from "./sealed_events.ts";
import type { Services } from "../services.ts";

/** Dependencies of a reader. */
export interface EventSources extends Pick<Services, "stopping" | "failed" | "replays"> {
  readonly store: { readonly pages: Pick<Pages, "events"> };
  readonly tail: Pick<Tail, "lastId" | "listen">;
}

/** The request of one reader. */
export interface EventReading {
  readonly filter: EventFilter;
  /** The last event that the reader knows; without it reading starts at the end of the log. */
  readonly afterId: number | undefined;
  readonly heartbeatMs: number;
  /** Calls `end` when the reader may not read on. */
  stay?(end: () => void): Disposable | undefined;
  /** How events are encrypted at this moment; undefined for in the clear. */
  sealing?(): SealedStream | undefined;
}

/** About 20 KiB: the runtime writes the pages of hundreds of readers in one turn of the event loop. */
const PAGE_EVENTS = 50;
/** A live reader with more events waiting goes back to reading pages. */
const WAITING_EVENTS = 1000;

type Controller = ReadableStreamDefaultController<Uint8Array>;

const encoder = new TextEncoder();
const COMMENT = encoder.encode(":\n\n");
const NOTHING = new Uint8Array();

/** A page as messages of the stream. */
interface ReadPage {
  readonly text: Uint8Array;
  /** Everything up to this id has been looked at. */
  readonly seen: number;
  /** Whether nothing followed. */
  readonly isLast: boolean;
}

/** The source of one stream. The stream pulls when the reader has taken everything so far. */
export class EventReader implements UnderlyingDefaultSource<Uint8Array> {
  readonly #services: EventSources;
  readonly #reading: EventReading;
  /** Everything up to this id was returned, or does not pass the filter. */
  #given: number;
  /** Everything up to this id was returned, is queued, or does not pass the filter. */
  #heard: number;
  /** Live events that were not returned yet; null while pages are read. */
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
    const listening = tail.listen((events) => this.#hear(events), typesOf(this.#reading.filter));
    const heartbeat = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(COMMENT);
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
    // The reader's key may have ended since it was checked.
    if (signal.aborted) return;
    signal.addEventListener("abort", () => stay?.[Symbol.dispose]());
    // A first comment shows the reader that the stream is open.
    controller.enqueue(COMMENT);
  }

  /** Returns the next events, and waits while there are none. */
  async pull(controller: Controller): Promise<void> {
    const { signal } = this.#over;
    try {
      while (!signal.aborted) {
        const text = this.#waiting === null ? await this.#page() : await this.#takeWaiting();
        if (signal.aborted) return;
        if (text.length > 0) return controller.enqueue(text);
        // Some may have arrived since they were taken.
        if (this.#waiting?.length === 0) await this.#woken();
      }
    } catch (error) {
      // Not a failure when the server stops or the reader has left.
      if (signal.aborted) return;
      this.#services.failed(error);
      this.#over.abort();
      controller.error(error);
    }
  }

  /** The reader has left. */
  cancel(): void {
    this.#over.abort();
  }

  /** One page of missed events; after the last page the reader is live. */
  async #page(): Promise<Uint8Array> {
    const { tail } = this.#services;
    const sealing = this.#reading.sealing?.();
    const end = tail.lastId;
    const { text, seen, isLast } = sealing === undefined
      ? await this.#clearPage()
      : await this.#sealedPage(sealing);
    // The client has another key since, or none: it is read again.
    if (this.#reading.sealing?.()?.key !== sealing?.key) return NOTHING;
    this.#given = isLast ? Math.max(seen, end) : seen;
    // No event can arrive between this check and the next call of `#hear`.
    if (isLast && this.#given >= tail.lastId) {
      this.#heard = this.#given;
      this.#waiting = [];
    }
    return text;
  }

  async #clearPage(): Promise<ReadPage> {
    const { replays, store } = this.#services;
    using _place = await replays.enter();
    const asked = { ...this.#asked, form: "stream" } as const;
    const { items, seen, rest } = await store.pages.events(asked, this.#over.signal);
    // Many pages may come in one turn of the event loop.
    if (items.length > 0) await replays.run(() => true);
    return { text: items, seen, isLast: rest === "none" };
  }

  async #sealedPage(sealing: SealedStream): Promise<ReadPage> {
    const { signal } = this.#over;
    const { events, seen, isLast } = await this.#readSealed(sealing);
    return { text: encoder.encode(await sealing.messages(events, signal)), seen, isLast };
  }

  /** Others may read while these are encrypted. */
  async #readSealed(sealing: SealedStream) {
    using _place = await this.#services.replays.enter();
    return await sealing.read(this.#asked, this.#over.signal);
  }

  get #asked() {
    return { afterId: this.#given, filter: this.#reading.filter, limit: PAGE_EVENTS };
  }

  async #takeWaiting(): Promise<Uint8Array> {
    const events = this.#waiting ?? [];
    const sealing = this.#reading.sealing?.();
    if (sealing !== undefined && events.length > PAGE_EVENTS) {
      // Too many to encrypt at once: they are read in pages.
      this.#waiting = null;
      return NOTHING;
    }
    this.#waiting = [];
    this.#given = this.#heard;
    if (sealing !== undefined) {
      return encoder.encode(await sealing.live(events, this.#over.signal));
    }
    if (events.length === 1) return liveText(events[0]!);
    return encoder.encode(events.map(streamedText).join(""));
  }

  #hear(events: readonly StoredEvent[]): void {
    if (this.#waiting === null) return;
    if (this.#reading.filter.bounds !== undefined) {
      // Only the store knows the number of an event's call.
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

const texts = new WeakMap<StoredEvent, Uint8Array>();

/** The text of a live event, which is created once for all readers. */
function liveText(event: StoredEvent): Uint8Array {
  let text = texts.get(event);
  if (text === undefined) texts.set(event, text = encoder.encode(streamedText(event)));
  return text;
}

/** The types of events that can pass the filter; undefined for all. */
function typesOf({ types, callId, contractId, clientId }: EventFilter) {
  if (types !== undefined) return types;
  if (contractId !== undefined || clientId !== undefined) return CONTRACT_TYPES;
  return callId === undefined ? undefined : CALL_TYPES;
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
