/**
 * The notifications door: `WS /api/v1/ws/:client_id`, and the same over HTTP for those who poll.
 * @module
 */
import { z } from "zod";
import { ToldEvent } from "../../events/schemas.ts";
import { toldEvent } from "../../events/told.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import { notifications, type NotificationsPorts } from "../../protocols/notifications/session.ts";
import { nameOf } from "../../phone/number.ts";
import { upgrade } from "../../session/serve.ts";
import { Clients, type ClientSession } from "./notification_clients.ts";
import { echoedSubprotocol } from "../../http/keys.ts";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
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
 * Everything about a client's contracts, in the words of REST. The door itself can only say what its
 * document has: that a status has changed.
 */
export const Inbox = z.object({
  events: z.array(ToldEvent),
  after: z.number().int().nonnegative().meta({ description: "Ask with this for what comes next" }),
}).meta({
  id: "ClientInbox",
  description: "What has happened to a client's contracts and payments, oldest first. An event " +
    "that the client's socket is told as well has its event_id there as id here",
});

/** The routes of the notifications door. */
export function notificationsRoutes(services: Services): Route[] {
  const { config, limits, observe, sessions, store } = services;
  const clients = new Clients(services);
  return [
    socket({
      path: "/api/v1/ws/:client_id",
      door: "notifications",
      summary: "The parties of a contract hear how it and its payments change",
      guard: "key",
      wire: notificationsWire,
      query: NotificationsQuery,
      open({ request, params, url }) {
        const clientId = params["client_id"] ?? "";
        const fault = faultOfClientId(clientId);
        if (fault !== undefined) return problem(400, fault);
        const query = NotificationsQuery.safeParse(Object.fromEntries(url.searchParams));
        if (!query.success) return problem(400, "The query parameter after must be an event id");
        return upgrade(request, {
          door: "notifications",
          wire: notificationsWire,
          protocol: notifications,
          context: (session: ClientSession) => {
            clients.add(clientId, session, query.data.after);
            return world(session, services);
          },
          limits,
          observe,
          sessions,
        }, echoedSubprotocol(request.headers));
      },
    }),
    http({
      method: "GET",
      path: "/api/v1/clients/:id/inbox",
      summary: "What has happened to a client's contracts, for those who come back or poll",
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

function world(session: ClientSession, { contracts, failed }: Services): NotificationsPorts {
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
  };
}
