/**
 * The notifications door: `WS /api/v1/ws/:client_id`, and an inbox over HTTP for clients that poll.
 * @module
 */
import { z } from "zod";
import { ToldEvent } from "../../events/schemas.ts";
import { toldEvent } from "../../events/told.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import { notifications, type NotificationsPorts } from "../../protocols/notifications/session.ts";
import { nameOf } from "../../phone/number.ts";
import { Clients, type ClientServices, type ClientSession } from "./notification_clients.ts";
import { oddities } from "./unexpected_events.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type Route, socket } from "../../http/route.ts";

const CLIENT_ID_CHARACTERS = 128;
// deno-lint-ignore no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

const after = z.coerce.number().int().nonnegative();

/** The query parameters of the notifications door. */
export const NotificationsQuery = z.object({
  after: after.optional().meta({
    description: "The last event_id that the client knows: what it missed comes first, in order",
  }),
});

/** The query parameters of a client's inbox. */
export const InboxQuery = z.object({
  after: after.default(0).meta({ description: "The last event_id that the client knows" }),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/**
 * Everything about a client's contracts, in the words of REST. The door says only what its document
 * has: that a status has changed.
 */
export const Inbox = z.object({
  events: z.array(ToldEvent),
  after: z.number().int().nonnegative().meta({ description: "Ask with this for what comes next" }),
}).meta({
  id: "ClientInbox",
  description:
    "What has happened to a client's contracts and payments, oldest first. The id of an " +
    "event is its event_id on the client's socket",
});

/** The notifications door, and the inbox that says the same over HTTP. */
export function notificationsDoor(
  services: ClientServices & Pick<Services, "contracts" | "log">,
): Route[] {
  const { config, store } = services;
  const clients = new Clients(services);
  return [
    ...socket({
      door: "notifications",
      paths: ["/api/v1/ws/:client_id"],
      summary: "The parties of a contract hear how it and its payments change",
      guard: "key",
      wire: notificationsWire,
      protocol: notifications,
      query: NotificationsQuery,
      admit({ params: { client_id: clientId = "" } }, { after }) {
        const fault = faultOfClientId(clientId);
        if (fault !== undefined) throw new Refused(400, fault);
        return { clientId, after };
      },
      ports(session, { clientId, after }) {
        clients.add(clientId, session, after);
        return notificationsPorts(session, services);
      },
    }),
    http({
      method: "GET",
      path: "/api/v1/clients/:id/inbox",
      summary: "What has happened to a client's contracts, for clients that come back or poll",
      guard: "key",
      query: InboxQuery,
      answers: { 200: Inbox },
      async answer({ params }, { query }) {
        const filter = { clientId: nameOf(params["id"] ?? "", config.DEFAULT_COUNTRY) };
        const events = await store.events.after(query.after, filter, query.limit);
        const after = events.at(-1)?.id ?? query.after;
        return Response.json({ events: events.map(toldEvent), after });
      },
    }),
  ];
}

function faultOfClientId(clientId: string): string | undefined {
  if (clientId === "") return "The client_id must not be empty";
  if (clientId.length > CLIENT_ID_CHARACTERS) {
    return `The client_id holds ${CLIENT_ID_CHARACTERS} characters at most`;
  }
  if (CONTROL_CHARACTERS.test(clientId)) return "The client_id must not hold control characters";
  return undefined;
}

function notificationsPorts(
  session: ClientSession,
  { contracts, failed, log }: Pick<Services, "contracts" | "failed" | "log">,
): NotificationsPorts {
  const oddity = oddities(session, log);
  return {
    askStatus(contractId) {
      contracts.find(contractId).then(
        (contract) => {
          const status = contract?.status ?? "not_found";
          session.notify({ kind: "status", contractId, status });
        },
        (error) => {
          failed(error);
          session.notify({ kind: "unavailable" });
        },
      );
    },
    ignored: (why, fields) => oddity(why, "connected", fields),
  };
}
