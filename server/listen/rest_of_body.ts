/**
 * Deals with a body that nobody reads: to close with bytes unread would take the answer along.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** What a client may still send of a body that is refused. */
const REST_BYTES = 1024 * 1024;
const REST_WITHIN_MS = 5000;

/** Reads the rest of a request for a while and closes its connection afterwards. */
export function discardRest(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { socket } = incoming;
  if (socket.destroyed) return;
  let bytes = 0;
  const late = setTimeout(() => socket.destroy(), REST_WITHIN_MS);
  socket.once("close", () => clearTimeout(late));
  incoming.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > REST_BYTES) socket.destroy();
  });
  incoming.resume();
  const close = () => {
    if (incoming.complete && outgoing.writableFinished) socket.destroySoon();
  };
  incoming.once("end", close);
  outgoing.once("finish", close);
}
