/**
 * A notifications client's session as a table: which event leads where.
 * @module
 */
import type { Table } from "../../session/machine.ts";
import type { Heard } from "../../session/wire.ts";
import type { NotificationsWire } from "./messages.ts";
import type { NotificationsNotice } from "./ports.ts";

/** Where a client's session stands. */
export type NotificationsState = "connected" | "over";

type MessageOf<Type> = Extract<Heard<NotificationsWire>, { type: Type }>;
type NoticeOf<Kind> = Extract<NotificationsNotice, { kind: Kind }>;

/** What happens in a client's session: its messages by their names, and ours. */
export interface NotificationsEvents {
  ping: MessageOf<"ping">;
  contract_status: MessageOf<"contract_status">;
  update: NoticeOf<"update">;
  status: NoticeOf<"status">;
  unavailable: unknown;
  closed: unknown;
}

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
