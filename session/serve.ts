/**
 * Upgrades requests to WebSockets and serves a conversation on each.
 * @module
 */
import { limitsOf } from "./limits.ts";
import type { Conversation, Session, Socket } from "./session.ts";
import { type Close, SocketSession } from "./socket_session.ts";
import type { Wire } from "./wire.ts";

/**
 * Upgrades a request whose handshake has been checked, and serves its conversation. After the
 * upgrade, a throw or another answer would close the listener for everyone.
 * @param subprotocol the one to echo, out of those that the client offered
 */
export function upgrade<W extends Wire, Context, Notice>(
  request: Request,
  conversation: Conversation<W, Context, Notice>,
  subprotocol?: string,
): Response {
  // Deno splits the offered list on exactly ", " and throws if the protocol is not in it.
  const seenByDeno = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: heartbeatMs(conversation) / 1000,
    ...(subprotocol !== undefined && seenByDeno.includes(subprotocol)
      ? { protocol: subprotocol }
      : {}),
  });
  if (subprotocol !== undefined) response.headers.set("sec-websocket-protocol", subprotocol);
  new SocketSession(socket, conversation, closeAfterReading);
  return response;
}

/**
 * How long a silent peer may take to answer a ping, which goes out at half of it; 0 for no pings.
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

const closeNow: Close = (socket, code, reason) => socket.close(code, reason);

/**
 * Lets the socket read what has come before it closes. Deno drops a connection without a close
 * frame when frames still wait to be read, as in every flood.
 */
const closeAfterReading: Close = (socket, code, reason) =>
  void setTimeout(closeNow, 0, socket, code, reason);
