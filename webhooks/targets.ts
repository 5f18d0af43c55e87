/**
 * Checks where deliveries may go. A webhook makes this server send requests, and must not reach what
 * only this server can reach: its machine, its network, a cloud's metadata.
 * @module
 */
import ipaddr from "ipaddr.js";
import { TargetRefused } from "./errors.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

const HOSTNAME = /^(?!.*\.\.)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i;
const ALL_DIGITS = /^[\d.]+$/;

/** Whether a text is valid in the list of allowed targets: `*`, an address, a CIDR or a host name. */
export function isAllowance(item: string): boolean {
  if (item === "*" || ipaddr.isValidCIDR(item) || isAddress(item)) return true;
  return HOSTNAME.test(item) && !ALL_DIGITS.test(item);
}

/** The private targets that an operator has allowed. */
export class AllowedTargets {
  readonly #all: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #ranges: readonly [Address, number][];

  /** `items` are `*`, addresses, CIDRs or host names. */
  constructor(items: readonly string[]) {
    this.#all = items.includes("*");
    this.#hosts = new Set(items.map((item) => item.toLowerCase()));
    this.#ranges = items.filter((item) => ipaddr.isValidCIDR(item)).map(ipaddr.parseCIDR);
  }

  /** Whether a host may be reached at an address. */
  admits(hostname: string, address: string): boolean {
    if (this.#all || this.#hosts.has(hostname)) return true;
    // Unwraps an IPv4 address that is mapped into IPv6.
    const parsed = ipaddr.process(address);
    if (isPublic(parsed) || this.#hosts.has(parsed.toString())) return true;
    return this.#ranges.some(([network, bits]) =>
      network.kind() === parsed.kind() && parsed.match(network, bits)
    );
  }
}

/**
 * Reads the URL of a webhook.
 * @throws {TargetRefused} when it can never be a target
 */
export function readTarget(text: string, allowed: AllowedTargets): URL {
  const url = URL.parse(text);
  if (url === null) throw new TargetRefused(`Cannot send to "${text}": it is not a URL`);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TargetRefused(`Cannot send to ${url.protocol} URLs, only to https: and http:`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TargetRefused("Cannot send to a URL with a user name or password in it");
  }
  const hostname = hostOf(url);
  if (isAddress(hostname)) admitOrThrow(hostname, [hostname], allowed);
  return url;
}

/**
 * Finds the address that an attempt connects to. Refuses a name if any of its addresses is refused:
 * a public one beside it may be a disguise.
 * @throws {TargetRefused} when the host may not be reached
 */
export async function findAddress(
  url: URL,
  allowed: AllowedTargets,
  resolve: Resolve,
): Promise<string> {
  const hostname = hostOf(url);
  const addresses = isAddress(hostname) ? [hostname] : await resolve(hostname);
  if (addresses.length === 0) throw new TargetRefused(`${hostname} has no address`);
  admitOrThrow(hostname, addresses, allowed);
  return addresses[0]!;
}

/** The host of a URL: an IPv6 address without brackets, a name without a final dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** Whether a host is an address rather than a name. */
export function isAddress(hostname: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) || ipaddr.IPv6.isValid(hostname);
}

function admitOrThrow(hostname: string, addresses: readonly string[], allowed: AllowedTargets) {
  for (const address of addresses) {
    if (allowed.admits(hostname, address)) continue;
    throw new TargetRefused(
      `Cannot send to ${hostname}: ${address} is ${ipaddr.process(address).range()}, and ` +
        "WEBHOOK_ALLOW_PRIVATE does not allow it",
    );
  }
}

/** Whether an address is known to be public. Anything else is refused, future ranges included. */
function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(GLOBAL_IPV6, 3);
}

const GLOBAL_IPV6 = ipaddr.IPv6.parse("2000::");
