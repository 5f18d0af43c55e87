/**
 * Single-use tickets for browsers, which cannot set headers on a WebSocket. They live in memory for
 * seconds, so a restart invalidates them all.
 * @module
 */
import { z } from "zod";
import type { Holder } from "../access/holder.ts";

/** What a watcher may do with a call. */
export const Scope = z.enum(["watch", "join", "end"]).meta({
  id: "WatchScope",
  description: "watch: hear what happens; join: be put through; end: hang up",
});
/** What a watcher may do with a call. */
export type Scope = z.infer<typeof Scope>;

/** All scopes: what a key grants. */
export const ALL_SCOPES: readonly Scope[] = Scope.options;

/** What a ticket gives: what its holder may do, and whose key made it. */
export interface Admission {
  readonly scopes: ReadonlySet<Scope>;
  readonly holder: Holder;
}

interface Open extends Admission {
  readonly callId: string;
  readonly expiresAt: Date;
}

/** Makes tickets, and takes each once. */
export class Tickets {
  readonly #open = new Map<string, Open>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Mints a ticket of this holder for a call, valid for `lifeMs` and these scopes. */
  mint(
    callId: string,
    lifeMs: number,
    holder: Holder,
    scopes: readonly Scope[] = ALL_SCOPES,
  ): { ticket: string; expiresAt: Date } {
    this.#forgetExpired();
    const ticket = crypto.getRandomValues(new Uint8Array(24)).toHex();
    const expiresAt = new Date(this.#now().getTime() + lifeMs);
    this.#open.set(ticket, { callId, holder, scopes: new Set(scopes), expiresAt });
    return { ticket, expiresAt };
  }

  /** Uses up a ticket and returns what it gives; undefined if it is not valid for this call. */
  take(ticket: string, callId: string): Admission | undefined {
    const found = this.#open.get(ticket);
    if (found === undefined || found.callId !== callId) return undefined;
    this.#open.delete(ticket);
    return found.expiresAt > this.#now() ? found : undefined;
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [ticket, { expiresAt }] of this.#open) {
      if (expiresAt <= now) this.#open.delete(ticket);
    }
  }
}
