/**
 * The call log over HTTP: `/api/v1/calls`.
 * @module
 */
import { z } from "zod";
import { type Call, CallState, Cdr, EndedBy, LineName } from "../calls/call.ts";
import type { Tickets } from "../calls/tickets.ts";
import type { Parts } from "./parts.ts";
import { Refused } from "./problem.ts";
import { http, type HttpRoute } from "./route.ts";

const time = z.iso.datetime();

/** An entry of the call log. */
export const CallEntry = z.object({
  id: z.string().meta({ description: "Our id of the call" }),
  line: LineName,
  platformId: z.string().meta({ description: "The platform's id: sessionId or call_sid" }),
  direction: z.enum(["inbound", "outbound"]),
  from: z.string().meta({ description: "As the platform said it" }),
  fromE164: z.string().nullable(),
  to: z.string().meta({ description: "As the platform said it" }),
  toE164: z.string().nullable(),
  parentCallId: z.string().optional().meta({
    description: "The call of which this is a child leg",
  }),
  state: CallState,
  startedAt: time,
  answeredAt: time.nullable(),
  endedAt: time.nullable(),
  endedBy: EndedBy.nullable(),
  lastSeq: z.number().int().meta({ description: "The number of the last event of its record" }),
  cdr: Cdr.nullable(),
  liveConversationToken: z.string().optional().meta({
    description: "Opens the live calls door; only while the call lasts",
  }),
}).meta({ id: "CallEntry", description: "An entry of the call log" });

/** What the call log answers. */
export const CallLog = z.object({ calls: z.array(CallEntry) }).meta({
  id: "CallLog",
  description: "The call log, newest first",
});

/** A ticket to watch a call with. */
export const WatchTicket = z.object({
  conversationToken: z.string(),
  ticket: z.string().meta({ description: "Opens the live calls door once, without a key" }),
  expiresAt: time,
  url: z.string().meta({ description: "The path and query of the live calls door" }),
}).meta({ id: "WatchTicket", description: "A single-use ticket to watch a call with" });

const TICKET_LIFE_MS = 60_000;

/** The routes of the call log. */
export function callsRoutes({ calls }: Parts, tickets: Tickets): HttpRoute[] {
  async function find(id: string | undefined): Promise<Call> {
    const call = await calls.find(id ?? "");
    if (call === undefined) throw new Refused(404, `Cannot find call ${id}: no such call`);
    return call;
  }
  return [
    http({
      method: "GET",
      path: "/api/v1/calls",
      summary: "The call log, newest first",
      guard: "key",
      answers: { 200: CallLog },
      answer: async () => Response.json({ calls: (await calls.list({ limit: 100 })).map(entry) }),
    }),
    http({
      method: "GET",
      path: "/api/v1/calls/:id",
      summary: "One call",
      guard: "key",
      answers: { 200: CallEntry },
      answer: async ({ params }) => Response.json(entry(await find(params["id"]))),
    }),
    http({
      method: "POST",
      path: "/api/v1/calls/:id/watch-tokens",
      summary: "Mints a single-use ticket to watch a call with",
      guard: "key",
      answers: { 201: WatchTicket },
      async answer({ params }) {
        const call = await find(params["id"]);
        const { id, state, liveConversationToken: conversationToken } = call;
        if (state === "ended") throw new Refused(409, `Cannot watch call ${id}: it is over`);
        const { ticket, expiresAt } = tickets.mint(id, TICKET_LIFE_MS);
        const query = new URLSearchParams({ conversationToken, ticket });
        const url = `/ws/v1/liveCalls?${query}`;
        const body = { conversationToken, ticket, expiresAt: expiresAt.toISOString(), url };
        return Response.json(body, { status: 201 });
      },
    }),
  ];
}

/** A call as the log shows it. */
export function entry(call: Call): z.infer<typeof CallEntry> {
  const { liveConversationToken, startedAt, answeredAt, endedAt, ...rest } = call;
  return {
    ...rest,
    startedAt: startedAt.toISOString(),
    answeredAt: answeredAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    ...(call.state === "ended" ? {} : { liveConversationToken }),
  };
}
