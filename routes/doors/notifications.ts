/**
 * The notifications door: `WS /api/v1/ws/:client_id`.
 * @module
 */
import { z } from "zod";
import type { Holder } from "../../access/holder.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { NotificationsPorts } from "../../protocols/notifications/ports.ts";
import { notifications } from "../../protocols/notifications/session.ts";
import { Clients, type ClientServices, type ClientSession } from "./notification_clients.ts";
import { sealed } from "./sealed_updates.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { shownTicket } from "../../http/guards/tickets.ts";
import { e164OrText } from "../../phone/number.ts";
import { checkClient } from "../seen_client.ts";
import { seesContract } from "../rest/seen_contract.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

type StatusServices = Pick<Services, "clientKeys" | "contracts" | "failed">;

const CLIENT_ID_CHARACTERS = 128;
// deno-lint-ignore no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

/** The query parameters of the notifications door. */
export const NotificationsQuery = z.object({
  after: z.coerce.number().int().nonnegative().optional()
    .describe("The last event_id that the client knows: missed updates come first, in order"),
  ticket: z.string().optional()
    .describe("A single-use ticket for this client_id, instead of a key"),
});

/** The name of the door, in documents, logs and tickets. */
export const NOTIFICATIONS = "notifications";

/** The notifications door. */
export function notificationsDoor(
  services: ClientServices & Pick<Services, "contracts" | "tickets">,
): SocketRoute[] {
  const { DEFAULT_COUNTRY } = services.config;
  const clients = new Clients(services);
  return socket({
    door: NOTIFICATIONS,
    paths: ["/api/v1/ws/:client_id"],
    summary: "The parties of a contract get updates of it and its payments",
    scope: "notifications",
    watches: true,
    clientOf: ({ client_id: clientId = "" }) => e164OrText(clientId, DEFAULT_COUNTRY),
    wire: notificationsWire,
    protocol: notifications,
    query: NotificationsQuery,
    // The ticket is of somebody whose key is for this client.
    async identify(visit) {
      const ticket = shownTicket(visit);
      if (ticket === undefined) return undefined;
      return (await services.tickets.take(ticket, NOTIFICATIONS, visit.client!))?.holder;
    },
    admit(visit, { after }) {
      const { params: { client_id: clientId = "" }, client: name = clientId, holder } = visit;
      const fault = faultOfClientId(clientId);
      if (fault !== undefined) throw new Refused(400, fault);
      checkClient(clientId, holder, DEFAULT_COUNTRY);
      // A ticket is for one client, whatever its key sees.
      const asker = shownTicket(visit) === undefined ? holder : holder && boundTo(name, holder);
      return { name, after, holder, asker };
    },
    ports(session, { name, after, holder, asker }) {
      clients.add(name, session, after, holder?.bounds);
      return new ClientPorts(session, name, services, asker);
    },
  });
}

/** The holder, seeing the contracts of this client only. */
function boundTo(client: string, holder: Holder): Holder {
  return { ...holder, bounds: { clients: [client], numbers: holder.bounds?.numbers ?? [] } };
}

/** Why this cannot be the id of a client; undefined when it can. */
export function faultOfClientId(clientId: string): string | undefined {
  if (clientId === "") return "The client_id must not be empty";
  if (clientId.length > CLIENT_ID_CHARACTERS) {
    return `The client_id may have at most ${CLIENT_ID_CHARACTERS} characters`;
  }
  if (CONTROL_CHARACTERS.test(clientId)) return "The client_id must not contain control characters";
  return undefined;
}

/** What the session of a client reaches. Thousands of clients have one each. */
class ClientPorts implements NotificationsPorts {
  readonly #session: ClientSession;
  readonly #name: string;
  readonly #services: StatusServices;
  readonly #holder: Holder | undefined;

  constructor(
    session: ClientSession,
    name: string,
    services: StatusServices,
    holder: Holder | undefined,
  ) {
    this.#session = session;
    this.#name = name;
    this.#services = services;
    this.#holder = holder;
  }

  askStatus(contractId: string): void {
    this.#answer(contractId).catch((error) => {
      this.#services.failed(error);
      this.#session.notify({ kind: "unavailable" });
    });
  }

  async #answer(contractId: string): Promise<void> {
    const { clientKeys, contracts } = this.#services;
    const contract = await contracts.find(contractId);
    const isSeen = contract !== undefined && seesContract(this.#holder, contract);
    const status = isSeen ? contract.status : "not_found";
    const key = clientKeys.of(this.#name);
    if (key === undefined) return void this.#session.notify({ kind: "status", contractId, status });
    const said = { type: "contract_status_response", contract_id: contractId, status } as const;
    this.#session.notify({ kind: "update", update: await sealed(clientKeys, key, said) });
  }
}
