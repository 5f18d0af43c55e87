/**
 * The notifications door: `WS /api/v1/ws/:client_id`.
 * @module
 */
import { z } from "zod";
import { e164OrText } from "../../phone/number.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { NotificationsPorts } from "../../protocols/notifications/ports.ts";
import { notifications } from "../../protocols/notifications/session.ts";
import { Clients, type ClientServices, type ClientSession } from "./notification_clients.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

const CLIENT_ID_CHARACTERS = 128;
// deno-lint-ignore no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

/** The query parameters of the notifications door. */
export const NotificationsQuery = z.object({
  after: z.coerce.number().int().nonnegative().optional()
    .describe("The last event_id that the client knows: what it missed comes first, in order"),
});

/** The notifications door. */
export function notificationsDoor(
  services: ClientServices & Pick<Services, "contracts">,
): SocketRoute[] {
  const { DEFAULT_COUNTRY } = services.config;
  const clients = new Clients(services);
  return socket({
    door: "notifications",
    paths: ["/api/v1/ws/:client_id"],
    summary: "The parties of a contract hear how it and its payments change",
    guard: "key",
    watches: true,
    clientOf: ({ client_id: clientId = "" }) => e164OrText(clientId, DEFAULT_COUNTRY),
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
  });
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
  { contracts, failed }: Pick<Services, "contracts" | "failed">,
): NotificationsPorts {
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
