/**
 * What lies below a WebSocket: a connection that carries bytes.
 * @module
 */
import type { Bytes } from "./frame.ts";

/** One connection. Its owner hands what comes to the `Receiver` that it was given. */
export interface ByteStream {
  /** Bytes that were written and have not gone out. */
  readonly waitingBytes: number;
  /** Writes all of it, as one piece where it can. The bytes must not change afterwards. */
  write(pieces: readonly Bytes[]): void;
  /** Writes no more. The peer still may. */
  end(): void;
  /** Drops the connection, and what waits in it. */
  destroy(): void;
  /** Reads nothing until `resume`, so that the peer must wait. */
  pause(): void;
  resume(): void;
}

/** Hears what comes out of a connection. */
export interface Receiver {
  /** Bytes have come. They are the receiver's from now on. */
  receive(bytes: Bytes): void;
  /** Nothing more comes: the peer has ended, or the connection is lost. May be called again. */
  lost(): void;
}
