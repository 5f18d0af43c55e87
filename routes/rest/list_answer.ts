/**
 * Lists as answers: read part by part, and passed on as the bytes that they come in. A list of one
 * part is an ordinary answer. A longer one is a stream, which reads on when its client has taken what
 * there is, and stops when the client leaves, or may no longer be inside.
 * @module
 */
import type { Holder } from "../../access/holder.ts";
import type { Visit } from "../../http/route.ts";
import { keyEnded } from "../../http/while_inside.ts";
import type { Part } from "../../store/pages.ts";
import type { Services } from "../services.ts";

/** One list. */
export interface Listing<Key> {
  /** Reads a part that begins after `after`: at most `limit` items. */
  read(after: Key | undefined, limit: number, signal: AbortSignal): Promise<Part<Key>>;
  readonly after: Key | undefined;
  readonly limit: number;
  /** What comes before the items. */
  readonly open: string;
  /** What comes after them. */
  close(end: ListEnd<Key>): string;
}

/** How a list ended. */
export interface ListEnd<Key> {
  /** The place of the last item; null without one. */
  readonly last: Key | null;
  /** Whether there are items after it. */
  readonly isFollowed: boolean;
}

/** What lists need from the server. */
export type ListServices = Pick<Services, "access" | "failed" | "replays" | "stopping">;

const encoder = new TextEncoder();
const JSON_HEADERS = { "content-type": "application/json" };

/** Answers with a list as JSON. */
export async function listAnswer<Key>(
  { request, holder }: Pick<Visit, "request" | "holder">,
  listing: Listing<Key>,
  services: ListServices,
): Promise<Response> {
  const gone = new AbortController();
  const parts = new Parts(listing, gone.signal);
  await parts.next();
  const { end } = parts;
  if (end !== undefined) {
    return new Response(joined(listing.open, parts.items, listing.close(end)), {
      headers: JSON_HEADERS,
    });
  }
  if (request.method === "HEAD") return new Response(null, { headers: JSON_HEADERS });
  const source = new ListSource(listing, parts, gone, services, holder);
  const stream = new ReadableStream(source, { highWaterMark: 0 });
  return new Response(stream, { headers: JSON_HEADERS });
}

/** How many parts of a list are read for an answer whose headers say where it goes on. */
const MOST_PARTS = 20;

/**
 * Reads the parts of a short list: its items as they stand, and its end. When few rows match, it ends
 * after the last one that it has looked at, with fewer items than asked for.
 */
export async function wholeList<Key>(
  listing: Listing<Key>,
): Promise<{ readonly items: readonly Uint8Array<ArrayBuffer>[]; readonly end: ListEnd<Key> }> {
  const parts = new Parts(listing, new AbortController().signal);
  const items: Uint8Array<ArrayBuffer>[] = [];
  for (let part = 0; part < MOST_PARTS && parts.end === undefined; part++) {
    await parts.next();
    items.push(parts.items);
  }
  return { items, end: parts.end ?? { last: parts.seen ?? null, isFollowed: true } };
}

/** Joins text and bytes. */
export function joined(...pieces: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
  const whole = new Uint8Array(bytes.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of bytes) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The parts of a list, one after the other. */
class Parts<Key> {
  readonly #listing: Listing<Key>;
  readonly #signal: AbortSignal;
  #after: Key | undefined;
  #left: number;
  #last: Key | null = null;
  /** The items of the last part. */
  items: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** Set when the list is over. */
  end: ListEnd<Key> | undefined;

  constructor(listing: Listing<Key>, signal: AbortSignal) {
    this.#listing = listing;
    this.#signal = signal;
    this.#after = listing.after;
    this.#left = listing.limit;
  }

  /** The last place that was looked at. */
  get seen(): Key | undefined {
    return this.#after;
  }

  async next(): Promise<void> {
    const part = await this.#listing.read(this.#after, this.#left, this.#signal);
    this.items = part.items;
    this.#left -= part.count;
    this.#last = part.last ?? this.#last;
    this.#after = part.seen;
    if (part.rest !== "unread") this.end = { last: this.#last, isFollowed: part.rest === "some" };
  }
}

/** The rest of a list whose first part has been read. */
class ListSource<Key> implements UnderlyingDefaultSource<Uint8Array> {
  readonly #listing: Listing<Key>;
  readonly #parts: Parts<Key>;
  readonly #gone: AbortController;
  readonly #services: ListServices;
  readonly #holder: Holder | undefined;
  #hasItems = false;
  #isFirst = true;

  constructor(
    listing: Listing<Key>,
    parts: Parts<Key>,
    gone: AbortController,
    services: ListServices,
    holder: Holder | undefined,
  ) {
    this.#listing = listing;
    this.#parts = parts;
    this.#gone = gone;
    this.#services = services;
    this.#holder = holder;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { signal } = this.#gone;
    const staying = this.#holder && this.#services.access.stay(this.#holder, () => {
      this.#gone.abort();
      controller.error(keyEnded());
    });
    // Its key may have ended since it was shown.
    if (signal.aborted) return;
    signal.addEventListener("abort", () => staying?.[Symbol.dispose]());
    this.#services.stopping.addEventListener("abort", () => {
      this.#gone.abort();
      // JSON that is cut off is not mistaken for a whole list.
      controller.close();
    }, { signal });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { signal } = this.#gone;
    try {
      if (this.#isFirst) {
        this.#isFirst = false;
        controller.enqueue(encoder.encode(this.#listing.open));
        return this.#give(controller);
      }
      const { replays } = this.#services;
      using _place = await replays.enter();
      if (signal.aborted) return;
      await this.#parts.next();
      await replays.run(() => true);
      if (!signal.aborted) this.#give(controller);
    } catch (error) {
      // Not a failure when the server stops or the reader has gone.
      if (signal.aborted) return;
      this.#services.failed(error);
      this.#gone.abort();
      controller.error(error);
    }
  }

  cancel(): void {
    this.#gone.abort();
  }

  #give(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { items, end } = this.#parts;
    if (items.length > 0) {
      controller.enqueue(this.#hasItems ? joined(",", items) : items);
      this.#hasItems = true;
    }
    if (end === undefined) {
      // A part without items must not end the pulling.
      if (items.length === 0) controller.enqueue(encoder.encode(" "));
      return;
    }
    controller.enqueue(encoder.encode(this.#listing.close(end)));
    controller.close();
    this.#gone.abort();
  }
}
