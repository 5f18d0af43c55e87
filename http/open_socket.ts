/**
 * Opens a WebSocket: every refusal comes first, since nothing can be refused after the upgrade.
 * @module
 */
import { checkHandshake, offeredSubprotocols } from "../session/handshake.ts";
import type { Observe } from "../session/observe.ts";
import { upgrade } from "../session/serve.ts";
import type { Sessions } from "../session/sessions.ts";
import { check } from "./body.ts";
import { echoedSubprotocol, type Keys, unauthorized } from "./keys.ts";
import { Refused } from "./problem.ts";
import type { SocketRoute, Visit } from "./route.ts";

/** What all doors of a server share. */
export interface SocketOptions {
  readonly keys: Keys;
  /** Aborted when the server stops: sockets then get 503. */
  readonly stopping: AbortSignal;
  readonly observe: Observe;
  readonly sessions: Sessions;
}

/**
 * Upgrades the request and serves the door's protocol on the socket.
 * @throws {Refused} for a bad handshake, key, subprotocol or query, when the server stops, and
 * when the door refuses
 */
export async function openSocket(
  route: SocketRoute,
  visit: Visit,
  { keys, stopping, observe, sessions }: SocketOptions,
): Promise<Response> {
  const { request, url, key } = visit;
  const refusal = checkHandshake(request);
  if (refusal !== undefined) {
    throw new Refused(refusal.status, refusal.detail, { headers: refusal.headers });
  }
  if (!keys.mayPass(route.guard, key) && !await route.passesWithoutKey?.(visit)) {
    throw unauthorized();
  }
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
    context: (session) => route.ports(session, client),
    limits: route.limits ?? {},
    observe,
    sessions,
  }, subprotocol);
}

/** @throws {Refused} 400 when the door demands a subprotocol that the client does not offer */
function agreedSubprotocol({ subprotocols }: SocketRoute, headers: Headers): string | undefined {
  if (subprotocols === undefined) return echoedSubprotocol(headers);
  const agreed = offeredSubprotocols(headers).find((name) => subprotocols.includes(name));
  if (agreed !== undefined) return agreed;
  const names = subprotocols.join(" or ");
  throw new Refused(400, `Offer the subprotocol ${names} in Sec-WebSocket-Protocol`);
}
