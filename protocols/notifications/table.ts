/**
 * A notifications client's session as a table: which event leads where.
 * @module
 */
import type { EventsOf, Table } from "../../session/machine.ts";
import type { NotificationsWire } from "./messages.ts";
import type { NotificationsNotice } from "./ports.ts";

/** Where a client's session stands. */
export type NotificationsState = "connected" | "over";

/** What happens in a client's session: its messages by their names, and ours. */
export type NotificationsEvents = EventsOf<NotificationsWire, NotificationsNotice, never>;

/** The table of a client's session. A malformed message is reported, never answered. */
export const NOTIFICATIONS = {
  connected: {
    ping: "connected",
    contract_status: "connected",
    update: "connected",
    status: "connected",
    unavailable: "over",
    closed: "over",
  },
  over: {},
} as const satisfies Table<NotificationsState, keyof NotificationsEvents>;
