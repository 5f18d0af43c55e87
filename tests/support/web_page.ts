/**
 * Requests that look exactly like those of a page in a browser. `tests/data/chromium_requests.json` is
 * what Chromium 150 sent for a page on another port of this machine (`same-site`) and for one of another
 * name (`cross-site`), without the headers that name the browser itself.
 * @module
 */
import { type RawAnswer, RawSocket } from "./raw_socket.ts";

/** One recorded request. */
export interface PageRequest {
  readonly site: "same-site" | "cross-site";
  /** The page's request. */
  readonly what: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const file = new URL("../data/chromium_requests.json", import.meta.url);

/** Every recorded request. */
export const PAGE_REQUESTS: readonly PageRequest[] = JSON.parse(await Deno.readTextFile(file));

/** The host of the page, in relation to a server on 127.0.0.1. */
export const PAGE_HOSTS = { "same-site": "127.0.0.1:5173", "cross-site": "evil.example" } as const;

/** Sends a recorded request to a path, with this body, to a server on this port. */
export async function sendAsPage(
  port: number,
  { site, method, headers }: PageRequest,
  path: string,
  body = "",
): Promise<RawAnswer> {
  const filled = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace("{host}", `127.0.0.1:${port}`).replace("{page}", PAGE_HOSTS[site]),
  ]);
  return await sendRaw(port, method, path, Object.fromEntries(filled), body);
}

/** Sends a request with exactly these headers, and the length of its body. */
export async function sendRaw(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<RawAnswer> {
  using raw = await RawSocket.connect(port);
  // An empty header is left out.
  const length = method === "GET" ? "" : String(body.length);
  await raw.request(method, path, { "content-length": length, ...headers });
  await raw.write(body);
  return await raw.answer();
}
