/**
 * Single-use tickets for browsers, which cannot set headers on a WebSocket. A ticket opens one door for one
 * subject, once. The store keeps its digest only.
 * @module
 */
import { createHash } from "node:crypto";
import { type Holder, LOCAL } from "../../access/holder.ts";
import type { Scope } from "../../access/scopes.ts";
import { bearerSubprotocol } from "./keys.ts";
import type { Visit } from "../route.ts";
import type { TicketStore } from "../../store/ticket_store.ts";

/** How long a ticket lives, unless who mints it says otherwise. */
export const TICKET_SECONDS = 30;

/** The headers of an answer that has a ticket: it is not stored, under an idempotency key neither. */
export const SECRET: Readonly<Record<string, string>> = { "cache-control": "no-store" };

/** One write deletes at most this many tickets, so no other write waits long. */
const FORGOTTEN_AT_ONCE = 500;

const TICKET = /^[0-9a-f]{48}$/;

/** What a ticket opens, and whose key made it: it gives no more than that key. */
export interface Admission {
  /** The name of the door: `live calls`. */
  readonly door: string;
  /** What it opens there: the id of a call, a client id. */
  readonly subject: string;
  /** What it lets do there, in the door's own words. */
  readonly scopes: readonly string[];
  readonly holder: Holder;
}

/** Makes tickets, and takes each once. */
export class Tickets {
  readonly #store: TicketStore;
  readonly #now: () => Date;

  constructor(store: TicketStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Mints a ticket, valid for `seconds`. Rejects with `StoreUnavailable`. */
  async mint(
    opens: Admission,
    seconds: number = TICKET_SECONDS,
  ): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = crypto.getRandomValues(new Uint8Array(24)).toHex();
    const expiresAt = new Date(this.#now().getTime() + seconds * 1000);
    const holder = textOf(opens.holder);
    await this.#store.add(digest(ticket), { ...opens, holder, expiresAt });
    return { ticket, expiresAt };
  }

  /**
   * Uses up a ticket: of two who show it at once only one gets it. Undefined if it is not valid for this
   * door and subject. Rejects with `StoreUnavailable`.
   */
  async take(ticket: string, door: string, subject: string): Promise<Admission | undefined> {
    if (!TICKET.test(ticket)) return undefined;
    const found = await this.#store.take(digest(ticket), door, subject);
    if (found === undefined || found.expiresAt <= this.#now()) return undefined;
    return { ...found, holder: holderIn(found.holder) };
  }

  /** Deletes tickets that have expired. */
  async forget(): Promise<void> {
    while (await this.#store.forget(this.#now(), FORGOTTEN_AT_ONCE) === FORGOTTEN_AT_ONCE);
  }
}

/** The ticket in a handshake: `?ticket=`, or the subprotocols `bearer, <ticket>`, which no log of URLs has. */
export function shownTicket({ url, request }: Pick<Visit, "url" | "request">): string | undefined {
  return url.searchParams.get("ticket") ?? bearerSubprotocol(request.headers);
}

function textOf({ scopes, ...holder }: Holder): string {
  return JSON.stringify({ ...holder, scopes: [...scopes] });
}

function holderIn(text: string): Holder {
  const { scopes, bounds, expiresAt, ...named } = JSON.parse(text);
  if (named.id === LOCAL.id) return LOCAL;
  return {
    ...named,
    bounds: bounds ?? undefined,
    scopes: new Set(scopes as Scope[]),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  };
}

function digest(ticket: string): string {
  return createHash("sha256").update(ticket).digest("hex");
}
