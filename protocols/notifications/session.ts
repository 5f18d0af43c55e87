/**
 * One client of the notifications door: it asks, and is told what changes.
 * @module
 */
import { type Handlers, machine, type Table } from "../../session/machine.ts";
import { close, send } from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import { type NotificationsWire, notificationsWire, type Update } from "./messages.ts";

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

type State = "connected" | "over";
type MessageOf<Type> = Extract<Heard<NotificationsWire>, { type: Type }>;
type NoticeOf<Kind> = Extract<NotificationsNotice, { kind: Kind }>;

interface Events {
  ping: MessageOf<"ping">;
  contract_status: MessageOf<"contract_status">;
  update: NoticeOf<"update">;
  status: NoticeOf<"status">;
  unavailable: unknown;
  closed: unknown;
}

/** The table of a client's session. A bad message is reported, never answered. */
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
} as const satisfies Table<State, keyof Events>;

/** The protocol of the notifications door. */
export const notifications = machine<
  NotificationsWire,
  NotificationsPorts,
  NotificationsNotice,
  State,
  Events
>({ wire: notificationsWire, table: NOTIFICATIONS, start: (ports) => new Client(ports) });

class Client implements Handlers<State, Events, Said<NotificationsWire>> {
  readonly #ports: NotificationsPorts;

  constructor(ports: NotificationsPorts) {
    this.#ports = ports;
  }

  ping({ timestamp }: Events["ping"]) {
    return send({ type: "pong" as const, timestamp: timestamp ?? null });
  }

  contract_status({ contract_id }: Events["contract_status"]): void {
    this.#ports.askStatus(contract_id);
  }

  update({ update }: Events["update"]) {
    return send(update);
  }

  status({ contractId: contract_id, status }: Events["status"]) {
    return send({ type: "contract_status_response" as const, contract_id, status });
  }

  unavailable() {
    return close(1011, "the contracts cannot be read");
  }
}
