/**
 * What a client's session needs from the world, and what the server tells it.
 * @module
 */
import type { Update } from "./messages.ts";

/** What the server tells the protocol. */
export type NotificationsNotice =
  | { readonly kind: "update"; readonly update: Update }
  | { readonly kind: "status"; readonly contractId: string; readonly status: string }
  | { readonly kind: "unavailable" };

/** What a client's session needs from the world. Every method returns at once. */
export interface NotificationsPorts {
  /** Looks a contract up; the notice `status` follows, or `unavailable`. */
  askStatus(contractId: string): void;
}
