/**
 * What listens for requests: every transport is one of these.
 * @module
 */
import type { Handler } from "../../http/router.ts";

/** Where to listen, and who answers. */
export interface ListenOptions {
  readonly hostname: string;
  readonly port: number;
  readonly handler: Handler;
}

/** Something that listens. */
export interface Listener {
  /** A port of 0 has become a real one. */
  readonly addr: Deno.Addr;
  /** Resolves when it listens no more; rejects when it cannot. */
  readonly finished: Promise<void>;
  /** Takes no new connections, and resolves when the open requests are answered. */
  shutdown(): Promise<void>;
}

/** Counts the TCP connections of a listener, which may be more than its requests. */
export interface Admission {
  /** A connection is there; false to drop it at once. */
  opened(address: string): boolean;
  /** A connection that was taken is gone. */
  closed(address: string): void;
}
