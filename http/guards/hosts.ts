/**
 * Which names a request may call this server by. A page can point a name of its own at any address (DNS
 * rebinding), and the browser then takes this server for the page's own host.
 * @see RFC 9110 section 7.4
 * @module
 */
import { isAddress, isLoopback } from "./address.ts";
import { Refused } from "../problem.ts";

/** What makes a host ours. */
export interface HostRules {
  /** Names, `*.` and a name, addresses, each with a port or without; `*` for all. */
  readonly allowed: readonly string[];
  /** The address that the server listens on. */
  readonly listensOn: string;
  /**
   * Whether any other name passes too while `allowed` is empty: for a server whose names only its
   * operator knows, and whose keys keep a page out that came in by a name.
   */
  readonly anyName: boolean;
}

const HOST = /^(\[[0-9a-f:.]+\]|[^[\]:@/?#\s]+)(?::(\d{1,5}))?$/i;

/** Whether a text may stand in `allowed`. */
export function isHostRule(text: string): boolean {
  const { name } = split(text) ?? {};
  if (text === "*") return true;
  return name !== undefined &&
    (isAddress(name) || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name));
}

/** The hosts of one server. Loopback is always among them. */
export class Hosts {
  readonly #any: boolean;
  readonly #listensOn: string;
  readonly #allowed: readonly { readonly name: string; readonly port: string | undefined }[];

  constructor({ allowed, listensOn, anyName }: HostRules) {
    this.#any = allowed.includes("*") || (anyName && allowed.length === 0);
    this.#listensOn = bare(listensOn);
    this.#allowed = allowed.map((rule) => split(rule)!).filter((rule) => rule !== undefined);
  }

  /**
   * Refuses a request that calls the server by a name that is not its own. A request without the
   * header passes: no browser sends one.
   * @throws {Refused} 421
   */
  check(headers: Headers, url: URL): void {
    if (this.#any) return;
    // The target of the request may be a whole URL, which then counts instead of the header.
    for (const host of [headers.get("host") || url.host, url.host]) {
      if (this.#has(host)) continue;
      throw new Refused(
        421,
        `This server is not ${host.slice(0, 200)}: ALLOWED_HOSTS names its hosts`,
      );
    }
  }

  #has(host: string): boolean {
    const parts = split(host);
    if (parts === undefined) return false;
    const { name, port } = parts;
    if (name === "localhost" || isLoopback(name) || name === this.#listensOn) return true;
    return this.#allowed.some((rule) =>
      (rule.port === undefined || rule.port === port) &&
      (rule.name === name || (rule.name.startsWith("*.") && name.endsWith(rule.name.slice(1))))
    );
  }
}

/** A host in lower case, without brackets and a final dot, and its port. */
function split(host: string): { name: string; port: string | undefined } | undefined {
  const [, name, port] = HOST.exec(host) ?? [];
  return name === undefined ? undefined : { name: bare(name), port };
}

function bare(name: string): string {
  return name.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}
