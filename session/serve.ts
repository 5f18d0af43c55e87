/**
 * Upgrades requests to WebSockets and serves a conversation on each.
 * @module
 */
import { type Limits, limitsOf } from "./limits.ts";
import type { Conversation, Session, Socket } from "./session.ts";
import { type Close, SocketSession } from "./socket_session.ts";
import type { Wire } from "./wire.ts";

/** The options of a transport when it upgrades a request. */
export interface UpgradeOptions {
  readonly limits: Limits;
  /** A silent peer gets a ping after half of this and is dropped after all of it; 0 is never. */
  readonly heartbeatMs: number;
  /** The one to echo, out of those that the client offered. */
  readonly subprotocol: string | undefined;
}

/** A request that becomes a WebSocket as soon as its response is returned. */
export interface Upgraded {
  readonly socket: Socket;
  readonly response: Response;
  /** How this transport closes an open socket. */
  readonly close: Close;
}

/**
 * How a transport upgrades a request whose handshake has been checked. After it, a throw or
 * another answer would close the listener for everyone.
 */
export type Upgrade = (request: Request, options: UpgradeOptions) => Upgraded;

/** Upgrades a request and serves its conversation. */
export function upgrade<W extends Wire, Context, Notice>(
  request: Request,
  conversation: Conversation<W, Context, Notice>,
  subprotocol?: string,
  by: Upgrade = denoUpgrade,
): Response {
  const limits = limitsOf(conversation.limits);
  const options = { limits, heartbeatMs: heartbeatMs(conversation), subprotocol };
  const { socket, response, close } = by(request, options);
  if (subprotocol !== undefined) response.headers.set("sec-websocket-protocol", subprotocol);
  new SocketSession(socket, conversation, close);
  return response;
}

/** The upgrade of `Deno.serve`. */
export const denoUpgrade: Upgrade = (request, { heartbeatMs, subprotocol }) => {
  // Deno splits the offered list on exactly ", " and throws if the protocol is not in it.
  const seenByDeno = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: heartbeatMs / 1000,
    ...(subprotocol !== undefined && seenByDeno.includes(subprotocol)
      ? { protocol: subprotocol }
      : {}),
  });
  return { socket, response, close: closeAfterReading };
};

/**
 * How long a silent peer may take to answer a ping, which is sent at half of it; 0 for no pings.
 * With pings, Deno sets a timer for every frame. So a door with audio goes without, if its `idleMs`
 * finds dead peers.
 */
function heartbeatMs(
  { limits, wire }: Pick<Conversation<Wire, never, never>, "limits" | "wire">,
): number {
  const { heartbeatMs, idleMs } = limitsOf(limits);
  return wire.audio !== undefined && idleMs > 0 ? 0 : heartbeatMs;
}

/** Serves one conversation on a socket that is about to open. */
export function serve<W extends Wire, Context, Notice>(
  socket: Socket,
  conversation: Conversation<W, Context, Notice>,
): Session<Notice> {
  return new SocketSession(socket, conversation, closeNow);
}

/** Closes at once. */
export const closeNow: Close = (socket, code, reason) => socket.close(code, reason);

/**
 * Lets the socket read the received data before it closes. Deno drops a connection without a close
 * frame when frames are still unread, as in every flood.
 */
const closeAfterReading: Close = (socket, code, reason) =>
  void setTimeout(closeNow, 0, socket, code, reason);
