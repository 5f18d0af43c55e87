/**
 * Single-use tickets: a browser, which cannot set a header on a WebSocket, shows one instead of a key.
 * They last seconds, in memory only: a restart ends them all.
 * @module
 */
import { z } from "zod";

/** What somebody may do with a call. */
export const Scope = z.enum(["watch", "join", "end"]).meta({
  id: "WatchScope",
  description: "watch: hear what happens; join: be put through; end: hang up",
});
/** What somebody may do with a call. */
export type Scope = z.infer<typeof Scope>;

/** Everything that can be done with a call: what a key opens. */
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

  /** A new ticket for a call, good for `lifeMs` and for these scopes. */
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

  /** What this ticket opens of this call; undefined for nothing. It opens nothing again. */
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
