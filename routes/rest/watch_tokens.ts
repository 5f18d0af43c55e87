/**
 * Mints tickets to watch a call.
 * @module
 */
import { z } from "zod";
import { ALL_SCOPES, Scope } from "../../calls/watch_scopes.ts";
import { TICKET_SECONDS } from "../../http/tickets.ts";
import { mintToWatch } from "./tickets.ts";
import type { Services } from "../services.ts";
import { http, type HttpRoute } from "../../http/route.ts";

/** What a ticket opens, and for how long. Everything has a default. */
export const WatchTokenRequest = z.object({
  scopes: z.array(Scope).min(1).default([...ALL_SCOPES]).describe("What the holder may do"),
  expires_in_s: z.number().int().min(1).max(86_400).default(TICKET_SECONDS)
    .describe("How many seconds the holder has to open the socket"),
}).prefault({}).meta({ id: "WatchTokenRequest", description: "What a ticket opens" });

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

/** The route that mints tickets. */
export function watchTokenRoutes(
  services: Pick<Services, "calls" | "tickets">,
): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: "/api/v1/calls/:id/watch-tokens",
      summary: "Mints a single-use ticket to watch a call",
      guard: "key",
      body: WatchTokenRequest,
      answers: { 201: WatchTicket },
      async answer(visit, { body: { scopes, expires_in_s: seconds } }) {
        const asked = { callId: visit.params["id"], scopes, seconds };
        const { expiresAt, ...ticket } = await mintToWatch(services, visit, asked);
        const minted: z.input<typeof WatchTicket> = {
          ...ticket,
          expiresAt: expiresAt.toISOString(),
        };
        return Response.json(minted, { status: 201 });
      },
    }),
  ];
}
