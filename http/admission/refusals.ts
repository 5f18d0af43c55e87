/**
 * Counts what was refused, by reason, in one place.
 * @module
 */

/** Why somebody, or something, was not let in. */
export type RefusalReason =
  | "connections"
  | "connections of an address"
  | "connections of a key"
  | "connections of a client"
  | "handshakes"
  | "handshakes of an address"
  | "wrong key"
  | "too many wrong keys"
  | "memory: watcher"
  | "memory: call"
  | "calls"
  | "calls of a number"
  | "calls of a key"
  | "webhooks"
  | "webhooks of a key"
  | "body too large"
  | "body too slow"
  | "json too large"
  | "call too long"
  | "call without a holder"
  /** What sessions dropped, and why: `audio flood`. */
  | `${"audio" | "messages" | "notices"} ${"flood" | "late" | "slow peer"}`
  /** Sockets that a limit closed. */
  | `closed ${1001 | 1008 | 1009 | 1013}`;

/** The counts of one server since its start. */
export class Refusals {
  readonly #counts = new Map<RefusalReason, number>();

  /** Counts one. */
  add(reason: RefusalReason): void {
    this.#counts.set(reason, this.of(reason) + 1);
  }

  /** How many there were of one reason. */
  of(reason: RefusalReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Every count that is not zero. */
  get counts(): Readonly<Partial<Record<RefusalReason, number>>> {
    return Object.fromEntries(this.#counts);
  }
}
