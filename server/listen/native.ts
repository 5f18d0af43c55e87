/**
 * The transport of Deno itself: `Deno.serve`.
 * @module
 */
import type { Listener, ListenOptions } from "./listener.ts";

/**
 * Listens with `Deno.serve`.
 * @throws {Deno.errors.AddrInUse} and others of Deno
 */
export function listenNative({ hostname, port, handler }: ListenOptions): Listener {
  return Deno.serve({ hostname, port, onListen() {} }, handler);
}
