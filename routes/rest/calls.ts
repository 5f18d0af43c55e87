/**
 * The call log over HTTP: `/api/v1/calls`, one call, and the events of its record.
 * @module
 */
import { z } from "zod";
import { seesCall } from "../../access/bounds.ts";
import { CallEntry, callEntry } from "../../calls/call_entry.ts";
import type { Calls } from "../../calls/calls.ts";
import type { CallRecord } from "../../calls/call_record.ts";
import { RecordedEvent } from "../../events/schemas.ts";
import { CallListQuery, callQuery, NextCursor, nextCursor } from "./call_list_query.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";

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
export function callsRoutes(
  services: ListServices & Pick<Services, "calls" | "store">,
): HttpRoute[] {
  const { calls, store: { pages } } = services;
  return [
    http({
      method: "GET",
      path: "/api/v1/calls",
      summary: "The call log, newest first",
      scope: "calls:read",
      query: CallListQuery,
      answers: { 200: CallLog },
      answer({ request, holder }, { query }) {
        const asked = calls.asked(callQuery(query, holder));
        return listAnswer({ request, holder }, {
          read: (after, limit, signal) =>
            pages.calls({ ...asked, after, limit, form: "entry" }, signal),
          after: asked.after,
          limit: query.limit,
          open: '{"calls":[',
          close: (end) => `]${nextCursor(end)}}`,
        }, services);
      },
    }),
    http({
      method: "GET",
      path: "/api/v1/calls/:id",
      summary: "One call",
      scope: "calls:read",
      answers: { 200: CallEntry },
      answer: async (visit) => Response.json(callEntry(await findCall(calls, visit))),
    }),
    http({
      method: "GET",
      path: "/api/v1/calls/:id/events",
      summary: "The events of a call's record, oldest first",
      scope: "calls:read",
      query: CallEventsQuery,
      answers: { 200: CallEvents },
      async answer(visit, { query: { after, limit } }) {
        const { id: callId } = await findCall(calls, visit);
        return await listAnswer(visit, {
          read: (afterSeq = after, limit, signal) =>
            pages.record({ callId, afterSeq, limit }, signal),
          after,
          limit,
          open: '{"events":[',
          close: ({ last }) => `],"after":${last ?? after}}`,
        }, services);
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
