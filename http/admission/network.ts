/**
 * The network by which an address is counted.
 * @module
 */
import ipaddr from "ipaddr.js";

/**
 * An IPv6 address counts by its first 64 bits, which one customer has, an IPv4 address inside one as
 * itself, and any other text as well.
 */
export function networkOf(address: string): string {
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return address;
  const found = ipaddr.process(address);
  if (found instanceof ipaddr.IPv4) return found.toString();
  const parts = found.parts.slice(0, 4).map((part) => part.toString(16));
  return `${parts.join(":")}::/64`;
}
