/**
 * What a client's session needs from the world, and what it is told from inside the server.
 * @module
 */
import type { Update } from "./messages.ts";

/** What the protocol is told from inside the server. */
export type NotificationsNotice =
  | { readonly kind: "update"; readonly update: Update }
  | { readonly kind: "status"; readonly contractId: string; readonly status: string }
  | { readonly kind: "unavailable" };

/** What a client's session needs from the world. Nothing here waits. */
export interface NotificationsPorts {
  /** Looks a contract up; the notice `status` follows, or `unavailable`. */
  askStatus(contractId: string): void;
}
