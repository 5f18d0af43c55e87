/**
 * Finds what a client shows to come in, wherever it can put it.
 * @module
 */
import { actorOf, type Holder } from "../../access/holder.ts";
import type { NeededScope } from "../../access/scopes.ts";
import { offeredSubprotocols } from "../../session/handshake.ts";
import { Refused } from "../problem.ts";

/** jambonz appends this to the whole URL, query included, when a child leg gets its own socket. */
const ADULTING = "/adulting";

/** Every key or token in a request: bearer, Basic password, `?key=`, or subprotocol. */
export function shownKeys(headers: Headers, url: URL): string[] {
  const keys: string[] = [];
  const [scheme, value] = splitAuthorization(headers.get("authorization") ?? "");
  if (scheme === "bearer") keys.push(value);
  if (scheme === "basic") keys.push(basicPassword(value));
  const query = url.searchParams.get("key");
  if (query !== null) keys.push(query, withoutAdulting(query));
  const subprotocol = bearerSubprotocol(headers);
  if (subprotocol !== undefined) keys.push(subprotocol);
  return keys;
}

/** The Basic password of a request, or nothing. */
export function basicPasswordOf({ headers }: Request): string {
  const [scheme, value] = splitAuthorization(headers.get("authorization") ?? "");
  return scheme === "basic" ? basicPassword(value) : "";
}

/** 401 for a request without a key, or with an unknown one. */
export function unauthorized(): Refused {
  return new Refused(401, "Send a key: bearer, Basic password, or ?key=", {
    headers: { "www-authenticate": 'Bearer realm="tipring"' },
  });
}

/**
 * 403 for a key without the scope. It tells nothing of what there is: what each route needs is public.
 * @see RFC 6750 section 3.1
 */
export function withoutScope(holder: Holder, scope: NeededScope): Refused {
  return new Refused(403, `Cannot do this with ${actorOf(holder)}: it lacks the scope ${scope}`, {
    headers: {
      "www-authenticate": `Bearer realm="tipring", error="insufficient_scope", scope="${scope}"`,
    },
    members: { scope },
  });
}

/** The token of the pair `bearer, <token>` among the offered subprotocols: a browser can send it. */
export function bearerSubprotocol(headers: Headers): string | undefined {
  const [first, token] = offeredSubprotocols(headers);
  return first === "bearer" ? token : undefined;
}

/** `bearer` when the client offered the pair. Echo it: browsers fail a socket without it. */
export function echoedSubprotocol(headers: Headers): "bearer" | undefined {
  return bearerSubprotocol(headers) === undefined ? undefined : "bearer";
}

/** Not by a regular expression: one takes quadratic time over a long row of slashes. */
function withoutAdulting(key: string): string {
  let end = key.length;
  while (key.endsWith(ADULTING, end)) {
    end -= ADULTING.length;
    while (key.endsWith("/", end)) end--;
  }
  return key.slice(0, end);
}

function splitAuthorization(header: string): [scheme: string, value: string] {
  const space = header.indexOf(" ");
  return [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
}

function basicPassword(credentials: string): string {
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(credentials));
    return text.slice(text.indexOf(":") + 1);
  } catch {
    return "";
  }
}
