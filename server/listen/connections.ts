/**
 * The TCP connections of one listener of `node:http`.
 * @module
 */
import type { Socket } from "node:net";
import type { Admission } from "./listener.ts";

/** Requests that one connection may have open: more are no pipeline but a flood. */
const MOST_PIPELINED = 32;

interface Connection {
  /** A socket that has closed does not know it any more. */
  readonly address: string;
  /** How many of its requests are not answered yet. */
  requests: number;
}

/** Every connection, from its first byte or before it. */
export class Connections {
  readonly #admission: Admission;
  readonly #open = new Map<Socket, Connection>();
  readonly #gone: (this: Socket) => void;

  constructor(admission: Admission) {
    this.#admission = admission;
    const open = this.#open;
    // One function for all: `this` is the socket.
    this.#gone = function () {
      admission.closed(open.get(this)!.address);
      open.delete(this);
    };
  }

  /** Takes a connection, or drops it. */
  add(socket: Socket): void {
    const { remoteAddress: address } = socket;
    if (address === undefined || !this.#admission.opened(address)) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, { address, requests: 0 });
    socket.on("close", this.#gone);
  }

  /** A request begins; false when the connection has too many, and is dropped. */
  begin(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined) return false;
    if (++connection.requests > MOST_PIPELINED) socket.destroy();
    return !socket.destroyed;
  }

  /** A request is answered. */
  end(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) connection.requests--;
  }

  /** Drops every connection that owes no answer: WebSockets, half requests, silence. */
  leave(): void {
    for (const [socket, { requests }] of this.#open) if (requests === 0) socket.destroy();
  }
}
