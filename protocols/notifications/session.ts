/**
 * One client of the notifications door: asks for statuses, and hears what changes.
 * @module
 */
import { type Handlers, machine } from "../../session/machine.ts";
import { close, send } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { type NotificationsWire, notificationsWire } from "./messages.ts";
import type { NotificationsNotice, NotificationsPorts } from "./ports.ts";
import {
  NOTIFICATIONS,
  type NotificationsEvents as Events,
  type NotificationsState as State,
} from "./table.ts";

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
