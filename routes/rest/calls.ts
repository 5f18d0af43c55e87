/**
 * The call log over HTTP: `/api/v1/calls`, one call, and the events of its record.
 * @module
 */
import { z } from "zod";
import { seesCall } from "../../access/bounds.ts";
import type { Calls } from "../../calls/calls.ts";
import {
  type CallRecord,
  CallState,
  Cdr,
  EndedBy,
  LineName,
  RecordingState,
} from "../../calls/call_record.ts";
import { RecordedEvent } from "../../events/schemas.ts";
import { clientData } from "../../events/client_events.ts";
import type { CallEnds } from "../../events/event_log.ts";
import { CallListQuery, callQuery, cursorAfter, NextCursor } from "./call_list_query.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";

const time = z.iso.datetime();

/** An entry of the call log. */
export const CallEntry = z.object({
  id: z.string().describe("Our id of the call"),
  line: LineName,
  platformId: z.string().describe("The platform's id: sessionId or call_sid"),
  direction: z.enum(["inbound", "outbound"]),
  from: z.string().nullable().describe("As the platform sent it; null when withheld"),
  fromE164: z.string().nullable(),
  to: z.string().nullable().describe("As the platform sent it; null when it sent none"),
  toE164: z.string().nullable(),
  parentCallId: z.string().optional().describe("The call of which this is a child leg"),
  state: CallState,
  startedAt: time,
  answeredAt: time.nullable(),
  endedAt: time.nullable(),
  endedBy: EndedBy.nullable(),
  lastSeq: z.number().int().nonnegative().describe("The seq of the last event in its record"),
  cdr: Cdr.nullable(),
  recording: RecordingState.optional().describe(
    "on while the call is recorded, over when the recording can be fetched; " +
      "missing when the call was never recorded",
  ),
  liveConversationToken: z.string().optional()
    .describe("Opens the live calls door; only while the call lasts"),
}).meta({ id: "CallEntry", description: "An entry of the call log" });

/** What the call log answers. */
export const CallLog = z.object({ calls: z.array(CallEntry), next_cursor: NextCursor }).meta({
  id: "CallLog",
  description: "One page of the call log, newest first",
});

/** The query parameters of a call's events. */
export const CallEventsQuery = z.object({
  after: z.coerce.number().int().nonnegative().default(0)
    .describe("The last known seq: the answer begins after it"),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most"),
});

/** A part of a call's record. */
export const CallEvents = z.object({
  events: z.array(RecordedEvent),
  after: z.number().int().nonnegative().describe("Ask with this for what comes next"),
}).meta({ id: "CallEvents", description: "A part of a call's record, oldest first" });

/** The routes of the call log. */
export function callsRoutes({ calls }: Pick<Services, "calls">): HttpRoute[] {
  return [
    http({
      method: "GET",
      path: "/api/v1/calls",
      summary: "The call log, newest first",
      scope: "calls:read",
      query: CallListQuery,
      answers: { 200: CallLog },
      async answer({ holder }, { query }) {
        // One more than asked for shows whether there is a next page.
        const asked = callQuery(query, holder);
        const found = await calls.list({ ...asked, limit: query.limit + 1 });
        const page = found.slice(0, query.limit);
        return Response.json({
          calls: page.map(entry),
          ...(found.length > page.length ? { next_cursor: cursorAfter(page.at(-1)!) } : {}),
        });
      },
    }),
    http({
      method: "GET",
      path: "/api/v1/calls/:id",
      summary: "One call",
      scope: "calls:read",
      answers: { 200: CallEntry },
      answer: async (visit) => Response.json(entry(await findCall(calls, visit))),
    }),
    http({
      method: "GET",
      path: "/api/v1/calls/:id/events",
      summary: "The events of a call's record, oldest first",
      scope: "calls:read",
      query: CallEventsQuery,
      answers: { 200: CallEvents },
      async answer(visit, { query: { after, limit } }) {
        const call = await findCall(calls, visit);
        const events = await calls.read(call.id, after, limit);
        const body = events.map(({ seq, at, type, actor, data }) => ({
          seq,
          at,
          type,
          actor,
          data: clientData({ type, at, data, call: endsOf(call), parties: null }),
        }));
        return Response.json({ events: body, after: events.at(-1)?.seq ?? after });
      },
    }),
  ];
}

/**
 * The call whose id is in the path.
 * @throws {Refused} 404 for an unknown id, and for a call that the visitor's key is not for
 */
export async function findCall(
  calls: Calls,
  { params: { id }, holder }: Pick<Visit, "params" | "holder">,
): Promise<CallRecord> {
  const call = await calls.find(id ?? "");
  if (call === undefined || !seesCall(holder?.bounds, call)) {
    throw new Refused(404, `Cannot find call ${id}: no such call`);
  }
  return call;
}

/**
 * The live call whose id is in the path.
 * @throws {Refused} 404 as `findCall`, 409 when the call is over
 */
export async function findLiveCall(
  calls: Calls,
  visit: Pick<Visit, "params" | "holder">,
  action: string,
): Promise<CallRecord> {
  const call = await findCall(calls, visit);
  if (call.state === "ended") {
    throw new Refused(409, `Cannot ${action} call ${call.id}: it is over`);
  }
  return call;
}

function endsOf({ line, from, to }: CallRecord): CallEnds {
  return { line, from, to };
}

/** A call as the log shows it. */
export function entry(call: CallRecord): z.infer<typeof CallEntry> {
  const { liveConversationToken, startedAt, answeredAt, endedAt, ...rest } = call;
  return {
    ...rest,
    startedAt: startedAt.toISOString(),
    answeredAt: answeredAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    ...(call.state === "ended" ? {} : { liveConversationToken }),
  };
}
