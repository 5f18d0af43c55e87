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

/** Opens a WebSocket on a socket whose handshake is over. */
export function carry(socket: Socket, above: WebSocketConnection): void {
  const carrier: Carrier = Object.assign(socket, { [connection]: above });
  const handle = (socket as { _handle?: Handle })._handle;
  carrier.on("end", lost).on("error", lost).on("close", lost);
  if (typeof handle?.onread === "function") {
    readByEvents = handle.onread;
    handle[connection] = above;
    handle.onread = readDirectly;
    // It takes effect when reading starts.
    carrier.pause().resume();
  } else carrier.on("data", receive);
  above.open(new NodeStream(socket));
}

function readDirectly(this: Handle, bytes: ArrayBuffer | undefined, length?: number): unknown {
  // Without bytes it is the end, or an error: the socket's own business.
  if (!(bytes instanceof ArrayBuffer)) return readByEvents.call(this, bytes, length);
  this[connection]!.receive(new Uint8Array(bytes));
}

function receive(this: Carrier, bytes: unknown): void {
  this[connection].receive(bytes as Bytes);
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
