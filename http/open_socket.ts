/**
 * Opens a WebSocket: every refusal comes first, since nothing can be refused after the upgrade.
 * @module
 */
import type { Access } from "../access/access.ts";
import { actorOf, type Holder, LOCAL, mayUse } from "../access/holder.ts";
import { checkHandshake, offeredSubprotocols } from "../session/handshake.ts";
import type { Observe, Peer } from "../session/observe.ts";
import { type Upgrade, upgrade } from "../session/serve.ts";
import type { Conversation, Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Wire } from "../session/wire.ts";
import { check } from "./body.ts";
import { echoedSubprotocol, unauthorized, withoutScope } from "./guards/keys.ts";
import { Refused } from "./problem.ts";
import type { SocketRoute, Visit } from "./route.ts";

/** The longest Origin in the log. */
const ORIGIN_CHARACTERS = 200;

/** What all doors of a server share. */
export interface SocketOptions {
  readonly access: Access;
  /** Aborted when the server stops: sockets then get 503. */
  readonly stopping: AbortSignal;
  readonly observe: Observe;
  readonly sessions: Sessions;
  /** Those of `sessions` that came without a key, since nobody needed one. */
  readonly keyless?: Sessions;
}

/**
 * Upgrades the request and serves the door's protocol on the socket.
 * @param place what the socket leaves when it ends
 * @param by how the transport upgrades; by default that of `Deno.serve`
 * @throws {Refused} for a bad handshake, key, subprotocol or query, when the server stops, and
 * when the door refuses
 */
export async function openSocket(
  route: SocketRoute,
  asked: Visit,
  place: Disposable | undefined,
  { access, stopping, observe, sessions, keyless = sessions }: SocketOptions,
  by?: Upgrade,
): Promise<Response> {
  const { request, url } = asked;
  const refusal = checkHandshake(request);
  if (refusal !== undefined) {
    throw new Refused(refusal.status, refusal.detail, { headers: refusal.headers });
  }
  const visit = await admitted(route, asked, access);
  if (stopping.aborted) {
    throw new Refused(503, "The server is stopping", { headers: { "retry-after": "5" } });
  }
  const subprotocol = agreedSubprotocol(route, request.headers);
  const query = route.query &&
    check(route.query, Object.fromEntries(url.searchParams), "query", 400);
  // The session keeps what `admit` returns, and lets go of the request.
  const client = await route.admit?.(visit, query!);
  const holder = route.holderOf?.(client) ?? visit.holder;
  const socket = { route, client, holder, peer: peerOf(visit), place };
  return upgrade(
    request,
    conversationOf(socket, {
      access,
      observe,
      sessions: holder?.id === LOCAL.id ? keyless : sessions,
    }),
    subprotocol,
    by,
  );
}

/** What lives as long as the socket. */
interface Admitted {
  readonly route: SocketRoute;
  readonly client: unknown;
  readonly holder: Holder | undefined;
  readonly peer: Peer;
  readonly place: Disposable | undefined;
}

/** Made apart: a closure beside the request would keep it alive. */
function conversationOf(
  { route, client, holder, peer, place }: Admitted,
  { access, observe, sessions }: Pick<SocketOptions, "access" | "observe" | "sessions">,
): Conversation<Wire, unknown, unknown> {
  const { door, wire, protocol, limits = {} } = route;
  return {
    door,
    wire,
    protocol,
    peer,
    context(session) {
      stay(access, holder, session);
      return route.ports(session, client);
    },
    limits,
    observe,
    place,
    sessions,
  };
}

/**
 * The visit with its holder: of a key that is for this door, else of credentials that only this door
 * takes.
 * @throws {Refused} 401 without either, 403 for a key without the scope
 */
async function admitted(route: SocketRoute, visit: Visit, access: Access): Promise<Visit> {
  // `dev` is no secret.
  const isKeyless = route.always === true && visit.holder?.id === LOCAL.id;
  if (!isKeyless && mayUse(visit.holder, route.scope)) return visit;
  const holder = await route.identify?.(visit);
  if (holder !== undefined && access.isInForce(holder)) {
    return { ...visit, holder, actor: actorOf(holder) };
  }
  if (route.passesWithoutKey?.(visit)) return visit;
  if (visit.holder === undefined || isKeyless) throw unauthorized();
  throw withoutScope(visit.holder, route.scope);
}

/**
 * Closes the socket when its key ends. The first key closes all those together that came without one, so
 * each of them need not be remembered: see `Access.onFirstKey`.
 */
function stay(access: Access, holder: Holder | undefined, session: Session<never>): void {
  if (holder === undefined || !access.canEnd(holder)) return;
  if (holder.id === LOCAL.id && access.isInForce(holder)) return;
  const staying = access.stay(holder, () => session.hangUp(KEY_ENDED, "the key has ended"));
  session.ended.then(() => staying[Symbol.dispose]());
}

/** As 401 for a request: codes from 4000 on are the application's (RFC 6455 section 7.4.2). */
export const KEY_ENDED = 4401;

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
