/**
 * Counts connections, in all and from each address.
 * @module
 */
import { countedAddress } from "../../http/guards/address.ts";
import type { Admission } from "./listener.ts";

/** How many connections there may be. */
export interface ConnectionLimits {
  readonly total: number;
  readonly perAddress: number;
}

/** The open connections of a server. One household of IPv6, a /64, counts as one address. */
export class ConnectionCounts implements Admission {
  readonly #limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** How many are open. */
  get total(): number {
    return this.#total;
  }

  opened(address: string): boolean {
    const from = countedAddress(address);
    const count = this.#byAddress.get(from) ?? 0;
    if (this.#total >= this.#limits.total || count >= this.#limits.perAddress) return false;
    this.#total++;
    this.#byAddress.set(from, count + 1);
    return true;
  }

  closed(address: string): void {
    const from = countedAddress(address);
    const count = this.#byAddress.get(from);
    if (count === undefined) throw new Error(`Cannot close a connection of ${from}: none is open`);
    this.#total--;
    if (count === 1) this.#byAddress.delete(from);
    else this.#byAddress.set(from, count - 1);
  }
}
