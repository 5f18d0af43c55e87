/**
 * A socket of `node:net` as the connection below a WebSocket.
 * @module
 */
import type { Socket } from "node:net";
import type { ByteStream } from "../../session/websocket/byte_stream.ts";
import type { Bytes } from "../../session/websocket/frame.ts";
import type { WebSocketConnection } from "../../session/websocket/websocket_connection.ts";
import {
  handleOf,
  lastWriteGoesOn,
  type SocketHandle,
  type WriteRequest,
} from "./socket_handle.ts";

const connection = Symbol("the WebSocket above a socket");

/** A socket that carries a WebSocket. Thousands of them share their listeners, which find it here. */
interface Carrier extends Socket {
  [connection]: WebSocketConnection;
}

type CarryingHandle = SocketHandle & { [connection]?: WebSocketConnection };

/** How Deno reads a socket: the same function for all. */
let readByEvents: SocketHandle["onread"];

/**
 * Opens a WebSocket on a socket whose handshake is over.
 * @param head what the client has sent behind its handshake
 * @param directly whether to pass the stream by, if Deno lets us
 */
export function carry(
  socket: Socket,
  above: WebSocketConnection,
  head: Uint8Array,
  directly = true,
): void {
  const carrier: Carrier = Object.assign(socket, { [connection]: above });
  carrier.pause().on("end", lost).on("error", lost).on("close", lost);
  const handle: CarryingHandle | undefined = directly ? handleOf(socket) : undefined;
  above.open(handle === undefined ? new NodeStream(socket) : new HandleStream(socket, handle));
  // A client may send its first frames before it has our answer.
  for (const early of [head, carrier.read() as Uint8Array | null]) {
    if (early !== null && early.length > 0) take(above, new Uint8Array(early));
  }
  if (handle === undefined) carrier.on("data", receive);
  else {
    readByEvents = handle.onread;
    handle[connection] = above;
    handle.onread = readDirectly;
  }
  // The new way takes effect where reading starts.
  carrier.resume();
}

function readDirectly(
  this: CarryingHandle,
  bytes: ArrayBuffer | undefined,
  length?: number,
): unknown {
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
  protected readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  write(pieces: readonly Bytes[]): void {
    const { socket } = this;
    if (pieces.length === 1) return void socket.write(pieces[0]!);
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }
}

/** Writes to the handle. Earlier writes of the stream come first in the handle's queue. */
class HandleStream extends NodeStream {
  readonly #handle: SocketHandle;
  #request: HandleWrite | undefined;
  #waitingBytes = 0;

  constructor(socket: Socket, handle: SocketHandle) {
    super(socket);
    this.#handle = handle;
  }

  override get waitingBytes(): number {
    return this.#waitingBytes;
  }

  override write(pieces: readonly Bytes[]): void {
    if (this.socket.destroyed) return;
    const request = this.#request ??= new HandleWrite(this);
    request.pieces = pieces;
    const status = pieces.length === 1
      ? this.#handle.writeBuffer(request, pieces[0]!)
      : this.#handle.writev(request, pieces, true);
    if (status !== 0) return this.destroy();
    if (!lastWriteGoesOn()) {
      request.pieces = NOTHING;
      return;
    }
    this.#request = undefined;
    for (const { length } of pieces) request.bytes += length;
    this.#waitingBytes += request.bytes;
  }

  /** An asynchronous write has ended. */
  written(bytes: number, status: number): void {
    this.#waitingBytes -= bytes;
    if (status !== 0) this.destroy();
  }
}

const NOTHING: readonly Bytes[] = [];

class HandleWrite implements WriteRequest {
  pieces = NOTHING;
  bytes = 0;
  readonly #stream: HandleStream;

  constructor(stream: HandleStream) {
    this.#stream = stream;
  }

  oncomplete(status: number): void {
    this.pieces = NOTHING;
    this.#stream.written(this.bytes, status);
  }
}
