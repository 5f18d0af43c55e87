/**
 * A socket of `node:net` as the connection below a WebSocket.
 * @module
 */
import type { Socket } from "node:net";
import type { ByteStream, Receiver } from "../../session/websocket/byte_stream.ts";
import type { Bytes } from "../../session/websocket/frame.ts";

/** Carries the bytes of one upgraded connection. */
export class NodeStream implements ByteStream {
  readonly #socket: Socket;

  constructor(socket: Socket, receiver: Receiver) {
    this.#socket = socket;
    socket.on("data", (bytes) => receiver.receive(bytes as unknown as Bytes));
    for (const event of ["end", "error", "close"]) socket.on(event, () => receiver.lost());
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  write(pieces: readonly Bytes[]): void {
    const socket = this.#socket;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
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
