/**
 * Creates tickets, with which a browser opens the notifications of a client.
 * @module
 */
import { z } from "zod";
import { http, type HttpRoute } from "../../http/route.ts";
import { Refused } from "../../http/problem.ts";
import { SECRET, TICKET_SECONDS } from "../../http/guards/tickets.ts";
import { e164OrText } from "../../phone/number.ts";
import { faultOfClientId, NOTIFICATIONS } from "../doors/notifications.ts";
import { checkClient } from "../seen_client.ts";
import type { Services } from "../services.ts";

/** A ticket for a client's notifications. */
export const ClientTicket = z.object({
  ticket: z.string().describe(
    "Opens the door once, without a key: as ?ticket=, or as the subprotocols `bearer, <ticket>`",
  ),
  expiresAt: z.iso.datetime(),
  url: z.string().describe("The path and query of the notifications door"),
}).meta({
  id: "ClientTicket",
  description: `A single-use ticket of ${TICKET_SECONDS} seconds`,
});

/** The route that creates clients' tickets. */
export function clientTicketRoute(
  { config, tickets }: Pick<Services, "config" | "tickets">,
): HttpRoute {
  return http({
    method: "POST",
    path: "/api/v1/clients/:id/tickets",
    summary: "Creates a single-use ticket for a client's notifications",
    scope: "notifications",
    answers: { 201: ClientTicket },
    async answer({ params: { id = "" }, holder }) {
      const fault = faultOfClientId(id);
      if (fault !== undefined) throw new Refused(400, fault);
      checkClient(id, holder, config.DEFAULT_COUNTRY);
      const subject = e164OrText(id, config.DEFAULT_COUNTRY);
      const opens = { door: NOTIFICATIONS, subject, scopes: [], holder: holder! };
      const { ticket, expiresAt } = await tickets.mint(opens);
      const minted: z.input<typeof ClientTicket> = {
        ticket,
        expiresAt: expiresAt.toISOString(),
        url: `/api/v1/ws/${encodeURIComponent(id)}?${new URLSearchParams({ ticket })}`,
      };
      return Response.json(minted, { status: 201, headers: SECRET });
    },
  });
}
