/**
 * Which pages in a browser may send requests, by what the browser says of them. Programs say nothing.
 * @see https://www.w3.org/TR/fetch-metadata/
 * @see RFC 6454
 * @module
 */
import { Refused } from "../problem.ts";

/** Whether a text may stand in the list of origins: `*`, `null`, or a scheme and a host. */
export function isOriginRule(text: string): boolean {
  return text === "*" || text === "null" || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/i.test(text);
}

/** The requests of pages of the server itself; `none` is what a person typed. */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/** The origins of one server: its own, and those of the settings. */
export class Origins {
  readonly #any: boolean;
  readonly #allowed: ReadonlySet<string>;

  /** `allowed` are origins such as `https://desk.example`; `*` for all. */
  constructor(allowed: readonly string[]) {
    this.#any = allowed.includes("*");
    this.#allowed = new Set(allowed.map((origin) => origin.toLowerCase()));
  }

  /**
   * Refuses requests of pages on other sites. Unsafe requests, CORS requests and WebSockets have `Origin`;
   * the others are checked by `Sec-Fetch-Site`. A page on another port of this machine is another site.
   * Following a link is not a request of a page.
   *
   * `portless` accepts our own host without its port as well, as libwebsockets writes it.
   * @throws {Refused} 403
   */
  check(
    { method, headers }: Pick<Request, "method" | "headers">,
    url: URL,
    portless = false,
  ): void {
    const origin = headers.get("origin");
    if (this.#any || (origin !== null && this.#allowed.has(origin.toLowerCase()))) return;
    if (origin !== null && !isOwn(origin, headers.get("host") || url.host, portless)) {
      throw new Refused(403, `Pages of ${origin.slice(0, 200)} may not send requests here`);
    }
    const site = headers.get("sec-fetch-site");
    if (site === null || OWN_SITES.has(site) || (origin === null && isLink(method, headers))) {
      return;
    }
    throw new Refused(403, "Pages of other origins may not send requests here");
  }

  /** What a browser needs to let a page elsewhere read the answer; undefined for none. */
  readableBy(headers: Headers): string | undefined {
    const origin = headers.get("origin");
    if (origin === null) return undefined;
    if (this.#any) return "*";
    return this.#allowed.has(origin.toLowerCase()) ? origin : undefined;
  }
}

/** A proxy may speak TLS for us, so the scheme does not count. */
function isOwn(origin: string, host: string, portless: boolean): boolean {
  const page = URL.parse(origin);
  // A host gets the port of the page's scheme where it has none.
  const own = page && URL.parse(`${page.protocol}//${host}`);
  if (page === null || own === null || page.host === "") return false;
  return page.host === own.host || (portless && page.port === "" && page.hostname === own.hostname);
}

/** A link to us, opened as a page of its own: the page that has the link sees nothing of it. */
function isLink(method: string, headers: Headers): boolean {
  return method === "GET" && headers.get("sec-fetch-mode") === "navigate" &&
    headers.get("sec-fetch-dest") === "document";
}
