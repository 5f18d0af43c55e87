/**
 * The layer below a WebSocket: a connection that carries bytes.
 * @module
 */
import type { Bytes } from "./frame.ts";

/** One connection. Its owner passes received bytes to its `Receiver`. */
export interface ByteStream {
  /** Bytes that were written and not yet sent. */
  readonly waitingBytes: number;
  /** Writes all of it, as one piece if possible. The bytes must not change afterwards. */
  write(pieces: readonly Bytes[]): void;
  /** Ends our side. The peer may still write. */
  end(): void;
  /** Drops the connection, and its queue. */
  destroy(): void;
  /** Reads nothing until `resume`, so that the peer must wait. */
  pause(): void;
  resume(): void;
}

/** Receives the bytes of a connection. */
export interface Receiver {
  /** Bytes have arrived. The receiver owns them from now on. */
  receive(bytes: Bytes): void;
  /** No more bytes will arrive: the peer has ended, or the connection is lost. May be called again. */
  lost(): void;
}
