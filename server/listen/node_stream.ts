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

/** Opens a WebSocket on a socket whose handshake is over. */
export function carry(socket: Socket, above: WebSocketConnection): void {
  const carrier = Object.assign(socket, { [connection]: above });
  carrier.on("data", receive).on("end", lost).on("error", lost).on("close", lost);
  above.open(new NodeStream(socket));
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
