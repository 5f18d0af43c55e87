/**
 * What a client's session needs from the world, and what the server tells it.
 * @module
 */
import type { Encrypted, Update } from "./messages.ts";

/** What the server tells the protocol. */
export type NotificationsNotice =
  | { readonly kind: "update"; readonly update: Update | Encrypted }
  | { readonly kind: "status"; readonly contractId: string; readonly status: string }
  | { readonly kind: "unavailable" };

/** What a client's session needs from the world. Every method returns at once. */
export interface NotificationsPorts {
  /**
   * Looks a contract up. The notice `status` follows, or `unavailable`; to a client with a public key,
   * an `update` that has the answer encrypted.
   */
  askStatus(contractId: string): void;
}
