/**
 * How the hardened transport ends connections whose request is faulty, or late.
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers";

/** What `node:http` tells of a request that it could not read. */
export type RequestFault = Error & { readonly code?: string };

/** A connection, with the answer that `node:http` is sending on it. */
type Answering = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * How many late connections end between two turns of the event loop: few, since the runtime closes them
 * after the slice, where its clock does not see it. Of a crowd more, so that it ends in so many turns.
 */
const SLICE_CONNECTIONS = 4;
const MOST_TURNS = 250;
const SLICE_MS = 2;
const LATE = "ERR_HTTP_REQUEST_TIMEOUT";
const LARGE_HEAD = "HPE_HEADER_OVERFLOW";

/**
 * Answers faults, and destroys their connections. Late requests come in crowds, since `node:http` looks
 * for all of them at once: a thousand that end together would hold up every call, so they end in slices.
 */
export class RequestFaults {
  readonly #late = new Set<Socket>();
  readonly #later: (run: () => void) => void;

  /** @param later runs something in the next turn of the event loop */
  constructor(later: (run: () => void) => void = setImmediate) {
    this.#later = later;
  }

  /** Ends a connection: at once, or in its turn if its request is late. */
  end(fault: RequestFault, socket: Socket): void {
    if (fault.code !== LATE) return endNow(socket, fault.code);
    // Its parser is free by now, and may already read for another connection.
    socket.removeAllListeners("data").removeAllListeners("end");
    // `node:http` finds it late until it is gone, and each time adds a listener.
    socket.removeAllListeners("error").on("error", ignore);
    if (this.#late.size === 0) this.#later(() => this.#endSlice());
    this.#late.add(socket);
  }

  #endSlice(): void {
    const most = Math.max(SLICE_CONNECTIONS, Math.ceil(this.#late.size / MOST_TURNS));
    const endMs = performance.now() + SLICE_MS;
    let ended = 0;
    for (const socket of this.#late) {
      if (ended++ === most || performance.now() > endMs) break;
      this.#late.delete(socket);
      endNow(socket, LATE);
    }
    if (this.#late.size > 0) this.#later(() => this.#endSlice());
  }
}

/** Answers, unless another answer has begun, and destroys. */
function endNow(socket: Answering, code: string | undefined): void {
  const hasBegun = socket._httpMessage?.headersSent ?? false;
  if (socket.writable && !hasBegun) socket.write(answerTo(code));
  socket.destroy();
}

function answerTo(code: string | undefined): string {
  const status = code === LATE
    ? "408 Request Timeout"
    : code === LARGE_HEAD
    ? "431 Request Header Fields Too Large"
    : "400 Bad Request";
  return `HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`;
}

function ignore(): void {}
