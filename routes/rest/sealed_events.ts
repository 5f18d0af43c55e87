/**
 * Events for a client that has registered a public key: each is encrypted on its own.
 * @module
 */
import type { z } from "zod";
import type { ClientKey } from "../../encryption/client_key.ts";
import type { ClientKeys } from "../../encryption/client_keys.ts";
import { clientEvent, type SentEvent } from "../../events/client_events.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import type { SealedEvent } from "../../events/sealed_event.ts";
import type { EventPage, EventPart, Pages, Part } from "../../store/pages.ts";

/** How many events a client with a key gets at once: each costs a millisecond. */
export const SEALED_PAGE_EVENTS = 100;

/** How many of them the encrypting thread gets at once: others need it too. */
const AT_ONCE = 8;

const encoder = new TextEncoder();

/** Selects events for a client with a key. */
export type SealedPage = Omit<EventPage, "form">;

/** One part of the event log that only the client can read, as JSON. */
export async function sealedPart(
  keys: ClientKeys,
  key: ClientKey,
  pages: Pick<Pages, "sentEvents">,
  page: SealedPage,
  signal: AbortSignal,
): Promise<Part<number>> {
  const part = await pages.sentEvents(page, signal);
  const { events, seen, isLast } = part;
  const sealed = await sealedEvents(keys, key, events, signal);
  return {
    items: encoder.encode(sealed.map((event) => JSON.stringify(event)).join(",")),
    count: events.length,
    last: events.at(-1)?.id ?? null,
    seen,
    rest: events.length >= page.limit ? "some" : isLast ? "none" : "unread",
  };
}

/** The way of one event stream to its client, while the client has this key. */
export class SealedStream {
  readonly #keys: ClientKeys;
  readonly #pages: Pick<Pages, "sentEvents">;
  readonly key: ClientKey;

  constructor(keys: ClientKeys, key: ClientKey, pages: Pick<Pages, "sentEvents">) {
    this.#keys = keys;
    this.#pages = pages;
    this.key = key;
  }

  /** Reads the events that the client missed. */
  read(page: SealedPage, signal: AbortSignal): Promise<EventPart<SentEvent>> {
    return this.#pages.sentEvents(page, signal);
  }

  /** Events as messages of the stream. */
  async messages(events: readonly SentEvent[], signal: AbortSignal): Promise<string> {
    const sealed = await sealedEvents(this.#keys, this.key, events, signal);
    return sealed.map((event) =>
      `event:encrypted\ndata:${JSON.stringify(event)}\nid:${event.id}\n\n`
    ).join("");
  }

  /** New events, as messages of the stream. */
  live(events: readonly StoredEvent[], signal: AbortSignal): Promise<string> {
    return this.messages(events.map(clientEvent), signal);
  }
}

/** Encrypts events; stops when the reader has left. */
async function sealedEvents(
  keys: ClientKeys,
  key: ClientKey,
  events: readonly SentEvent[],
  signal: AbortSignal,
): Promise<z.input<typeof SealedEvent>[]> {
  const sealed: z.input<typeof SealedEvent>[] = [];
  for (let from = 0; from < events.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const slice = events.slice(from, from + AT_ONCE);
    const jwes = slice.map(async (event) => ({ id: event.id, jwe: await keys.seal(key, event) }));
    sealed.push(...await Promise.all(jwes));
  }
  return sealed;
}
