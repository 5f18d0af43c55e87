/**
 * The address by which somebody is counted.
 * @module
 */
import ipaddr from "ipaddr.js";

/** What is known of a connection. */
export interface Connection {
  readonly remoteAddr: Deno.Addr;
}

/**
 * The client's address: of the connection, since anybody can write an X-Forwarded-For. Behind a proxy
 * of ours it is the last one in that header, which the proxy has written. An IPv6 address counts by its
 * first 64 bits, which one customer has; an IPv4 address in IPv6 as itself. Empty where there is none,
 * as on a Unix socket.
 */
export function addressOf(
  { headers }: Request,
  { remoteAddr }: Connection,
  behindProxy = false,
): string {
  const forwarded = behindProxy ? headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() : "";
  if (forwarded !== undefined && ipaddr.isValid(forwarded)) return networkOf(forwarded);
  return remoteAddr.transport === "tcp" ? networkOf(remoteAddr.hostname) : "";
}

function networkOf(hostname: string): string {
  if (!hostname.includes(":") || !ipaddr.isValid(hostname)) return hostname;
  const address = ipaddr.process(hostname);
  if (address.kind() === "ipv4") return address.toString();
  const network = (address as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
