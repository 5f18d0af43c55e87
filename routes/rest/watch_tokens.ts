/**
 * Mints tickets to watch a call.
 * @module
 */
import { z } from "zod";
import { Scope } from "../../calls/watch_scopes.ts";
import { findLiveCall } from "./calls.ts";
import type { Services } from "../services.ts";
import { withoutScope } from "../../http/guards/keys.ts";
import { LIVE_CALLS, watchScopesOf } from "../doors/live_calls.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { SECRET, TICKET_SECONDS } from "../../http/guards/tickets.ts";

/** The scopes of a ticket, and how long it lasts. Everything has a default. */
export const WatchTokenRequest = z.object({
  scopes: z.array(Scope).min(1).optional()
    .describe("The holder's scopes; by default all that your key has"),
  expires_in_s: z.number().int().min(1).max(86_400).default(TICKET_SECONDS)
    .describe("How many seconds the holder has to open the socket"),
}).prefault({}).meta({ id: "WatchTokenRequest", description: "The scopes of a ticket" });

/** A ticket to watch a call. */
export const WatchTicket = z.object({
  conversationToken: z.string(),
  ticket: z.string().describe("Opens the live calls door once, without a key"),
  scopes: z.array(Scope),
  expiresAt: z.iso.datetime(),
  url: z.string().describe("The path and query of the live calls door"),
}).meta({
  id: "WatchTicket",
  description: "A single-use ticket to watch a call",
});

/** The route that creates tickets. */
export function watchTokenRoutes(
  { calls, tickets }: Pick<Services, "calls" | "tickets">,
): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: "/api/v1/calls/:id/watch-tokens",
      summary: "Mints a single-use ticket to watch a call",
      scope: "calls:listen",
      body: WatchTokenRequest,
      answers: { 201: WatchTicket },
      async answer(visit, { body }) {
        const call = await findLiveCall(calls, visit, "watch");
        const holder = visit.holder!;
        const may = watchScopesOf(holder);
        const { id, liveConversationToken: conversationToken } = call;
        const scopes = [...new Set(body.scopes ?? may)];
        if (!scopes.every((scope) => may.includes(scope))) {
          throw withoutScope(holder, "calls:control");
        }
        const opens = { door: LIVE_CALLS, subject: id, scopes, holder };
        const { ticket, expiresAt } = await tickets.mint(opens, body.expires_in_s);
        const url = `/ws/v1/liveCalls?${new URLSearchParams({ conversationToken, ticket })}`;
        const minted: z.input<typeof WatchTicket> = {
          conversationToken,
          ticket,
          scopes,
          expiresAt: expiresAt.toISOString(),
          url,
        };
        return Response.json(minted, { status: 201, headers: SECRET });
      },
    }),
  ];
}
