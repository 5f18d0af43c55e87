/**
 * Addresses of clients: whose a request is, and whether a list names it.
 * @module
 */
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * The address of the client of a request, without a port; an IPv4 address in its own form where it came
 * inside an IPv6 one. `peer` is the other end of the connection: the client, or the proxy.
 *
 * Behind a declared proxy it is the last address of `X-Forwarded-For`, which the proxy has added; those
 * before it are whatever the client wrote. Without one, or with a last item that is no address, it is
 * the peer's.
 */
export function addressOf(headers: Headers, peer: string, behindProxy: boolean): string {
  const last = behindProxy ? headers.get("x-forwarded-for")?.split(",").at(-1) : undefined;
  return plain(withoutPort(last?.trim() ?? "")) ?? plain(peer) ?? peer;
}

/** Four decimal parts, as the kernel and `addressOf` write them. */
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * By what an address is counted: an IPv6 address by its first 64 bits, which one customer has; any other by
 * itself.
 */
export function countedAddress(address: string): string {
  // Most addresses: parsing them would be a fifth of a handshake's garbage.
  if (IPV4.test(address)) return address;
  const ip = parsed(address);
  if (!(ip instanceof ipaddr.IPv6)) return ip?.toString() ?? address;
  const parts = ip.parts.map((part, at) => at < 4 ? part : 0);
  return `${new ipaddr.IPv6(parts)}/64`;
}

/** Whether a text may stand in an `AddressList`: an address or a CIDR. */
export function isAddressOrCidr(text: string): boolean {
  return ipaddr.isValidCIDR(text) || parsed(text) !== undefined;
}

/** Whether a text is an address, in brackets or not. */
export function isAddress(text: string): boolean {
  return parsed(text.replace(/^\[(.*)\]$/, "$1")) !== undefined;
}

/** Whether a text is an address of this machine's loopback, in brackets or not. */
export function isLoopback(text: string): boolean {
  return parsed(text.replace(/^\[(.*)\]$/, "$1"))?.range() === "loopback";
}

/** Addresses and networks that may use something. */
export class AddressList {
  readonly #ranges: readonly [Address, number][];

  /** `items` are addresses and CIDRs. An empty list names every address. */
  constructor(items: readonly string[]) {
    this.#ranges = items.map((item) => {
      if (ipaddr.isValidCIDR(item)) return unmapped(ipaddr.parseCIDR(item));
      const address = parsed(item)!;
      return [address, address.kind() === "ipv4" ? 32 : 128];
    });
  }

  /** Whether the list names this address, or is empty. */
  has(address: string): boolean {
    if (this.#ranges.length === 0) return true;
    const found = parsed(address);
    return found !== undefined &&
      this.#ranges.some(([network, bits]) =>
        network.kind() === found.kind() && found.match(network, bits)
      );
  }
}

const MAPPED_BITS = 96;

/** `::ffff:10.0.0.0/104` means the network `10.0.0.0/8`. */
function unmapped([network, bits]: [Address, number]): [Address, number] {
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress();
  return isMapped && bits >= MAPPED_BITS
    ? [network.toIPv4Address(), bits - MAPPED_BITS]
    : [network, bits];
}

function plain(text: string): string | undefined {
  return parsed(text)?.toString();
}

/** An IPv4 address of four decimal parts, or an IPv6 one; unwraps IPv4 that is mapped into IPv6. */
function parsed(text: string): Address | undefined {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}
