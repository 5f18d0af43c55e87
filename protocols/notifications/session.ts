/**
 * One client of the notifications door: it asks, and is told what changes.
 * @module
 */
import { close, type Command, type Event, send, stepwise } from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import type { NotificationsWire, Update } from "./messages.ts";

/** What the protocol is told from inside the server. */
export type NotificationsNotice =
  | { readonly kind: "update"; readonly update: Update }
  | { readonly kind: "status"; readonly contractId: string; readonly status: string }
  | { readonly kind: "unavailable" };

/** What a client's session needs from the world. Nothing here waits. */
export interface NotificationsPorts {
  /** Looks a contract up; the notice `status` follows, or `unavailable`. */
  askStatus(contractId: string): void;
  /** A bad message came: logged and counted, never answered, the socket stays open. */
  ignored(why: string, fields?: readonly string[]): void;
}

type In = Event<Heard<NotificationsWire>, NotificationsNotice>;
type Out = Command<Said<NotificationsWire>>;

/** The protocol of the notifications door. */
export const notifications = stepwise<In, Out, NotificationsPorts>((ports) => {
  let over = false;
  return (event) => {
    if (over) return [];
    switch (event.kind) {
      case "message": {
        const { message } = event;
        if (message.type === "ping") {
          return [send({ type: "pong" as const, timestamp: message.timestamp ?? null })];
        }
        ports.askStatus(message.contract_id);
        return [];
      }
      case "notice":
        over = event.notice.kind === "unavailable";
        return [answer(event.notice)];
      case "malformed":
        ports.ignored(event.why, event.fields);
        return [];
      default:
        return [];
    }
  };
});

function answer(notice: NotificationsNotice): Out {
  switch (notice.kind) {
    case "update":
      return send(notice.update);
    case "status": {
      const { contractId: contract_id, status } = notice;
      return send({ type: "contract_status_response", contract_id, status });
    }
    case "unavailable":
      return close(1011, "the contracts cannot be read");
  }
}
