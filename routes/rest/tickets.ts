/**
 * Mints tickets, with which a browser opens a door that wants a key.
 * @module
 */
import { z } from "zod";
import { ALL_SCOPES, Scope } from "../../calls/watch_scopes.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";
import { TICKET_SECONDS, type Tickets } from "../../http/tickets.ts";
import { e164OrText } from "../../phone/number.ts";
import { LIVE_CALLS } from "../doors/live_calls.ts";
import { faultOfClientId, NOTIFICATIONS } from "../doors/notifications.ts";
import type { Services } from "../services.ts";
import { findLiveCall } from "./calls.ts";

/** Which door a ticket opens, and for what. */
export const TicketRequest = z.discriminatedUnion("door", [
  z.object({
    door: z.literal("live_calls"),
    call_id: z.string().min(1).describe("The call to watch"),
    scopes: z.array(Scope).min(1).default([...ALL_SCOPES]).describe("What the holder may do"),
  }).meta({ id: "LiveCallsTicketRequest", description: "A ticket to watch a call" }),
  z.object({
    door: z.literal("notifications"),
    client_id: z.string().refine((id) => faultOfClientId(id) === undefined, {
      error: ({ input }) => faultOfClientId(String(input)) ?? "",
    }).describe("Whose notifications"),
  }).meta({ id: "NotificationsTicketRequest", description: "A ticket to hear notifications" }),
]).meta({ id: "TicketRequest", description: "Which door a ticket opens, and for what" });

/** A ticket. */
export const Ticket = z.object({
  ticket: z.string().describe(
    "Opens the door once, without a key: as ?ticket=, or as the subprotocols `bearer, <ticket>`",
  ),
  expiresAt: z.iso.datetime(),
  url: z.string().describe("The path and query of the door, with the ticket"),
}).meta({ id: "Ticket", description: `A single-use ticket of ${TICKET_SECONDS} seconds` });

/** The route that mints tickets. */
export function ticketRoutes(
  { calls, config, tickets }: Pick<Services, "calls" | "config" | "tickets">,
): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: "/api/v1/tickets",
      summary: `Mints a single-use ticket of ${TICKET_SECONDS} seconds for a browser's socket`,
      guard: "key",
      body: TicketRequest,
      answers: { 201: Ticket },
      async answer({ actor }, { body }) {
        if (body.door === "notifications") {
          const subject = e164OrText(body.client_id, config.DEFAULT_COUNTRY);
          const opens = { door: NOTIFICATIONS, subject, scopes: [], actor };
          const { ticket, expiresAt } = await tickets.mint(opens);
          const path = `/api/v1/ws/${encodeURIComponent(body.client_id)}`;
          return minted(ticket, expiresAt, `${path}?${new URLSearchParams({ ticket })}`);
        }
        const { url, ticket, expiresAt } = await mintToWatch(
          { calls, tickets },
          { actor },
          { callId: body.call_id, scopes: body.scopes },
        );
        return minted(ticket, expiresAt, url);
      },
    }),
  ];
}

function minted(ticket: string, expiresAt: Date, url: string): Response {
  const answer: z.input<typeof Ticket> = { ticket, expiresAt: expiresAt.toISOString(), url };
  return Response.json(answer, { status: 201 });
}

/** A ticket to watch a call, and the URL that it opens. */
export interface WatchMinted {
  readonly conversationToken: string;
  readonly ticket: string;
  readonly scopes: Scope[];
  readonly expiresAt: Date;
  readonly url: string;
}

/**
 * Mints a ticket to watch a call.
 * @throws {Refused} 404 for no such call, 409 when it is over
 */
export async function mintToWatch(
  { calls, tickets }: { calls: Services["calls"]; tickets: Tickets },
  { actor }: Pick<Visit, "actor">,
  asked: { callId: string | undefined; scopes: readonly Scope[]; seconds?: number },
): Promise<WatchMinted> {
  const call = await findLiveCall(calls, asked.callId, "watch");
  const { id, liveConversationToken: conversationToken } = call;
  const scopes = [...new Set(asked.scopes)];
  const opens = { door: LIVE_CALLS, subject: id, scopes, actor };
  const { ticket, expiresAt } = await tickets.mint(opens, asked.seconds);
  const url = `/ws/v1/liveCalls?${new URLSearchParams({ conversationToken, ticket })}`;
  return { conversationToken, ticket, scopes, expiresAt, url };
}
