/**
 * Counts connections, in all and from each address.
 * @module
 */
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
    const from = household(address);
    const count = this.#byAddress.get(from) ?? 0;
    if (this.#total >= this.#limits.total || count >= this.#limits.perAddress) return false;
    this.#total++;
    this.#byAddress.set(from, count + 1);
    return true;
  }

  closed(address: string): void {
    const from = household(address);
    const count = this.#byAddress.get(from);
    if (count === undefined) throw new Error(`Cannot close a connection of ${from}: none is open`);
    this.#total--;
    if (count === 1) this.#byAddress.delete(from);
    else this.#byAddress.set(from, count - 1);
  }
}

const GROUPS_OF_HOUSEHOLD = 4;
const GROUPS = 8;

/** The first 64 bits of an IPv6 address; any other as it is, also where IPv6 maps it. */
function household(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  const [front = "", back] = address.split("%")[0]!.split("::");
  const groups = front === "" ? [] : front.split(":");
  if (back !== undefined) {
    const rest = back === "" ? [] : back.split(":");
    while (groups.length + rest.length < GROUPS) groups.push("0");
    groups.push(...rest);
  }
  const prefix = groups.slice(0, GROUPS_OF_HOUSEHOLD).map((group) =>
    parseInt(group, 16).toString(16)
  );
  return `${prefix.join(":")}::/64`;
}
