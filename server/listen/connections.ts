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
  /** Settles when the last of them is. */
  last?: Promise<void>;
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

  /**
   * Answers a request when the answer to the one before it has gone out: of a pipeline only one answer
   * is in memory, and each owns its connection. Drops a connection with too many.
   */
  answer(socket: Socket, run: () => Promise<void>): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    if (++connection.requests > MOST_PIPELINED) {
      socket.destroy();
      return;
    }
    const next = async () => {
      try {
        if (!socket.destroyed) await run();
      } finally {
        connection.requests--;
      }
    };
    connection.last = connection.last === undefined ? next() : connection.last.then(next, next);
  }

  /** Whether a connection still owes an answer. */
  owes(socket: Socket): boolean {
    return (this.#open.get(socket)?.requests ?? 0) > 0;
  }

  /** Drops every connection that owes no answer: WebSockets, half requests, silence. */
  leave(): void {
    for (const [socket, { requests }] of this.#open) if (requests === 0) socket.destroy();
  }
}
