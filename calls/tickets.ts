/**
 * Single-use tickets: what a browser, which can set no header on a WebSocket, shows instead of a key.
 * @module
 */

/** Mints tickets and takes each once. */
export class Tickets {
  readonly #open = new Map<string, { callId: string; expiresAt: Date }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** A new ticket for a call, good for `lifeMs`. */
  mint(callId: string, lifeMs: number): { ticket: string; expiresAt: Date } {
    this.#forgetExpired();
    const ticket = crypto.getRandomValues(new Uint8Array(24)).toHex();
    const expiresAt = new Date(this.#now().getTime() + lifeMs);
    this.#open.set(ticket, { callId, expiresAt });
    return { ticket, expiresAt };
  }

  /** Whether this ticket opens this call; it never will again. */
  take(ticket: string, callId: string): boolean {
    const found = this.#open.get(ticket);
    if (found === undefined || found.callId !== callId) return false;
    this.#open.delete(ticket);
    return found.expiresAt > this.#now();
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [ticket, { expiresAt }] of this.#open) {
      if (expiresAt <= now) this.#open.delete(ticket);
    }
  }
}
