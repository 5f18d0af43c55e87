/**
 * The network by which an address is counted.
 * @module
 */
import ipaddr from "ipaddr.js";

/**
 * An IPv6 address counts by its first 64 bits, which one customer has; any other text as itself.
 * @param address as `addressOf` gives it
 */
export function networkOf(address: string): string {
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return address;
  const parts = ipaddr.IPv6.parse(address).parts.slice(0, 4).map((part) => part.toString(16));
  return `${parts.join(":")}::/64`;
}
