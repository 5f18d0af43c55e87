/**
 * Opens a WebSocket: every refusal comes first, since nothing can be refused after the upgrade.
 * @module
 */
import { checkHandshake, mayConnectFrom, offeredSubprotocols } from "../session/handshake.ts";
import type { Observe, Peer } from "../session/observe.ts";
import { upgrade } from "../session/serve.ts";
import type { Sessions } from "../session/sessions.ts";
import { check } from "./body.ts";
import { echoedSubprotocol, type Keys, unauthorized } from "./keys.ts";
import { Refused } from "./problem.ts";
import type { SocketRoute, Visit } from "./route.ts";

/** The longest Origin in the log. */
const ORIGIN_CHARACTERS = 200;

/** What all doors of a server share. */
export interface SocketOptions {
  readonly keys: Keys;
  /** Origins of browser pages that may open sockets, besides our own and loopback's. */
  readonly allowedOrigins: readonly string[];
  /** Aborted when the server stops: sockets then get 503. */
  readonly stopping: AbortSignal;
  readonly observe: Observe;
  readonly sessions: Sessions;
}

/**
 * Upgrades the request and serves the door's protocol on the socket.
 * @throws {Refused} for a bad handshake, origin, key, subprotocol or query, when the server stops, and
 * when the door refuses
 */
export async function openSocket(
  route: SocketRoute,
  visit: Visit,
  { keys, allowedOrigins, stopping, observe, sessions }: SocketOptions,
): Promise<Response> {
  const { request, url, key } = visit;
  const refusal = checkHandshake(request);
  if (refusal !== undefined) {
    throw new Refused(refusal.status, refusal.detail, { headers: refusal.headers });
  }
  if (!mayConnectFrom(request.headers, allowedOrigins)) {
    throw new Refused(403, `Pages of ${request.headers.get("origin")} may not connect`);
  }
  if (!keys.mayPass(route.guard, key) && !route.passesWithoutKey?.(request)) throw unauthorized();
  if (stopping.aborted) {
    throw new Refused(503, "The server is stopping", { headers: { "retry-after": "5" } });
  }
  const subprotocol = agreedSubprotocol(route, request.headers);
  const query = route.query &&
    check(route.query, Object.fromEntries(url.searchParams), "query", 400);
  // The session keeps what `admit` returns, and lets go of the request.
  const client = await route.admit?.(visit, query!);
  return upgrade(request, {
    door: route.door,
    wire: route.wire,
    protocol: route.protocol,
    peer: peerOf(visit),
    context: (session) => route.ports(session, client),
    limits: route.limits ?? {},
    observe,
    sessions,
  }, subprotocol);
}

/** Who opens the socket, for the log. A client writes its own Origin, so it is cut. */
function peerOf({ actor, request: { headers } }: Visit): Peer {
  const origin = headers.get("origin");
  return { by: actor, ...(origin === null ? {} : { origin: origin.slice(0, ORIGIN_CHARACTERS) }) };
}

/** @throws {Refused} 400 when the door demands a subprotocol that the client does not offer */
function agreedSubprotocol({ subprotocols }: SocketRoute, headers: Headers): string | undefined {
  if (subprotocols === undefined) return echoedSubprotocol(headers);
  const agreed = offeredSubprotocols(headers).find((name) => subprotocols.includes(name));
  if (agreed !== undefined) return agreed;
  const names = subprotocols.join(" or ");
  throw new Refused(400, `Offer the subprotocol ${names} in Sec-WebSocket-Protocol`);
}
