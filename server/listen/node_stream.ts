/**
 * A socket of `node:net` as the connection below a WebSocket.
 * @module
 */
import type { Socket } from "node:net";
import type { ByteStream } from "../../session/websocket/byte_stream.ts";
import type { Bytes } from "../../session/websocket/frame.ts";
import type { WebSocketConnection } from "../../session/websocket/websocket_connection.ts";

const connection = Symbol("the WebSocket above a socket");

/** A socket that carries a WebSocket. Thousands of them share their listeners, which find it here. */
interface Carrier extends Socket {
  [connection]: WebSocketConnection;
}

/**
 * What a socket reads with. Taking the bytes here saves a tenth of a frame's cost, that of the events and
 * states of a stream. No document describes it, so whoever lacks it is read by its events.
 */
interface Handle {
  [connection]?: WebSocketConnection;
  onread?: (bytes: ArrayBuffer | undefined, length?: number) => unknown;
}

/** How Deno reads a socket: the same function for all. */
let readByEvents: NonNullable<Handle["onread"]>;

/**
 * Opens a WebSocket on a socket whose handshake is over.
 * @param head what the client has sent behind its handshake
 * @param directly whether to take the bytes where they arrive, if Deno lets us
 */
export function carry(
  socket: Socket,
  above: WebSocketConnection,
  head: Uint8Array,
  directly = true,
): void {
  const carrier: Carrier = Object.assign(socket, { [connection]: above });
  carrier.pause().on("end", lost).on("error", lost).on("close", lost);
  above.open(new NodeStream(socket));
  // A client may send its first frames before it has our answer.
  for (const early of [head, carrier.read() as Uint8Array | null]) {
    if (early !== null && early.length > 0) take(above, new Uint8Array(early));
  }
  const handle = (socket as { _handle?: Handle })._handle;
  if (directly && typeof handle?.onread === "function") {
    readByEvents = handle.onread;
    handle[connection] = above;
    handle.onread = readDirectly;
  } else carrier.on("data", receive);
  // The new way takes effect where reading starts.
  carrier.resume();
}

function readDirectly(this: Handle, bytes: ArrayBuffer | undefined, length?: number): unknown {
  // Without bytes it is the end, or an error: the socket's own business.
  if (!(bytes instanceof ArrayBuffer)) return readByEvents.call(this, bytes, length);
  take(this[connection]!, new Uint8Array(bytes));
}

function receive(this: Carrier, bytes: unknown): void {
  take(this[connection], bytes as Bytes);
}

/** What is our own fault ends this connection, and no other. */
function take(above: WebSocketConnection, bytes: Bytes): void {
  try {
    above.receive(bytes);
  } catch (error) {
    above.lost();
    reportError(error);
  }
}

function lost(this: Carrier): void {
  this[connection].lost();
}

class NodeStream implements ByteStream {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  write(pieces: readonly Bytes[]): void {
    const socket = this.#socket;
    if (pieces.length === 1) return void socket.write(pieces[0]!);
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
