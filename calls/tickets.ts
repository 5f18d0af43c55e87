/**
 * Single-use tickets for browsers, which cannot set headers on a WebSocket. They live in memory for
 * seconds, so a restart invalidates them all.
 * @module
 */
import { z } from "zod";

/** What a watcher may do with a call. */
export const Scope = z.enum(["watch", "join", "end"]).meta({
  id: "WatchScope",
  description: "watch: hear what happens; join: be put through; end: hang up",
});
/** What a watcher may do with a call. */
export type Scope = z.infer<typeof Scope>;

/** All scopes: what a key grants. */
export const ALL_SCOPES: readonly Scope[] = Scope.options;

interface Open {
  readonly callId: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: Date;
}

/** Makes tickets, and takes each once. */
export class Tickets {
  readonly #open = new Map<string, Open>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Mints a ticket for a call, valid for `lifeMs` and these scopes. */
  mint(
    callId: string,
    lifeMs: number,
    scopes: readonly Scope[] = ALL_SCOPES,
  ): { ticket: string; expiresAt: Date } {
    this.#forgetExpired();
    const ticket = crypto.getRandomValues(new Uint8Array(24)).toHex();
    const expiresAt = new Date(this.#now().getTime() + lifeMs);
    this.#open.set(ticket, { callId, scopes: new Set(scopes), expiresAt });
    return { ticket, expiresAt };
  }

  /** Uses up a ticket and returns its scopes; undefined if it is not valid for this call. */
  take(ticket: string, callId: string): ReadonlySet<Scope> | undefined {
    const found = this.#open.get(ticket);
    if (found === undefined || found.callId !== callId) return undefined;
    this.#open.delete(ticket);
    return found.expiresAt > this.#now() ? found.scopes : undefined;
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [ticket, { expiresAt }] of this.#open) {
      if (expiresAt <= now) this.#open.delete(ticket);
    }
  }
}
