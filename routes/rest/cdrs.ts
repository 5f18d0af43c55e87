/**
 * Call detail records over HTTP: of one call, and of many as JSON, NDJSON or CSV.
 * @module
 */
import { accepts } from "@std/http/negotiation";
import { z } from "zod";
import { Cdr } from "../../calls/call_record.ts";
import { CDR_COLUMNS, CdrEntry } from "../../calls/cdr_entry.ts";
import { csvLine } from "../../calls/csv.ts";
import type { CallForm, CallKey } from "../../store/pages.ts";
import {
  CallListQuery,
  callQuery,
  cursorAfter,
  NextCursor,
  nextCursor,
} from "./call_list_query.ts";
import { findCall } from "./calls.ts";
import { joined, listAnswer, type Listing, type ListServices, wholeList } from "./list_answer.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { whileInside } from "../../http/while_inside.ts";
import { http, type HttpRoute, mediaTypes, type Visit } from "../../http/route.ts";

/** The media types of the list of CDRs by `?format=`. */
const MEDIA_TYPES = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
} as const;
type Format = keyof typeof MEDIA_TYPES;
const FORMATS = Object.keys(MEDIA_TYPES) as Format[];
const FORMS: Readonly<Record<Format, CallForm>> = {
  json: "cdr",
  ndjson: "cdr line",
  csv: "cdr csv",
};

/** A longer text may take its reader so long that the reader's key ends meanwhile. */
const LONG_BYTES = 64 * 1024;

/** The query parameters of the list of CDRs. */
export const CdrListQuery = CallListQuery.extend({
  format: z.enum(FORMATS).optional().describe("Overrides the header Accept"),
});

/** The CDR of one call. */
export const CallCdr = z.object({
  cdr: Cdr,
  received: z.unknown().optional().describe("As the platform sent it; missing when it sent none"),
}).meta({ id: "CallCdr", description: "The CDR of a call, in normal form and as received" });

/** One page of CDRs. */
export const CdrList = z.object({ cdrs: z.array(CdrEntry), next_cursor: NextCursor }).meta({
  id: "CdrList",
  description:
    "CDRs, newest call first. NDJSON and CSV have one CDR per line, and the next page in the header " +
    "Link; a page may have fewer than asked for. In CSV a text that begins like a formula, with =, " +
    "+, -, @, a tab or a line break, gets an apostrophe in front, so that no spreadsheet runs it; a phone number such as " +
    "+254712345678 stays as it is.",
}).register(mediaTypes, { types: Object.values(MEDIA_TYPES) });

/** The routes of CDRs. */
export function cdrRoutes(
  services: ListServices & Pick<Services, "calls" | "store">,
): HttpRoute[] {
  const { calls, store: { pages } } = services;
  return [
    http({
      method: "GET",
      path: "/api/v1/calls/:id/cdr",
      summary: "The CDR of a call, in normal form and as received",
      scope: "calls:read",
      answers: { 200: CallCdr },
      async answer(visit) {
        const { id: callId, cdr } = await findCall(calls, visit);
        if (cdr === null) throw new Refused(404, `Cannot find the CDR of call ${callId}: none yet`);
        const received = await pages.receivedCdr(callId);
        const members = received === undefined ? "" : `,"received":${received}`;
        const headers = { "content-type": "application/json" };
        return new Response(`{"cdr":${JSON.stringify(cdr)}${members}}`, { headers });
      },
    }),
    http({
      method: "GET",
      path: "/api/v1/cdrs",
      summary: "CDRs as JSON, NDJSON or CSV, newest call first",
      scope: "calls:read",
      query: CdrListQuery,
      answers: { 200: CdrList },
      async answer(visit, { query }) {
        const format = query.format ?? accepted(visit);
        const asked = calls.asked(callQuery(query, visit.holder));
        const listing: Listing<CallKey> = {
          read: (after, limit, signal) =>
            pages.calls({ ...asked, after, limit, form: FORMS[format] }, signal),
          after: asked.after,
          limit: query.limit,
          open: '{"cdrs":[',
          close: (end) => `]${nextCursor(end)}}`,
        };
        if (format === "json") return await listAnswer(visit, listing, services);
        const { items, end: { last, isFollowed } } = await wholeList(listing);
        const next = isFollowed && last !== null ? cursorAfter(last) : undefined;
        const text = joined(format === "csv" ? csvLine(CDR_COLUMNS) : "", ...items);
        const answer = new Response(text, { headers: headers(format, visit.url, next) });
        const isLong = text.byteLength > LONG_BYTES && visit.request.method !== "HEAD";
        return isLong ? whileInside(answer, visit.holder, services.access) : answer;
      },
    }),
  ];
}

/** @throws {Refused} 406 when the visitor accepts none of the formats */
function accepted({ request }: Visit): Format {
  const type = accepts(request, ...Object.values(MEDIA_TYPES));
  const format = FORMATS.find((name) => MEDIA_TYPES[name] === type);
  if (format !== undefined) return format;
  throw new Refused(406, `CDRs come as ${Object.values(MEDIA_TYPES).join(", ")}`);
}

function headers(format: Format, { pathname, searchParams }: URL, next: string | undefined) {
  const kept = new URLSearchParams(searchParams);
  // A key in the query is a secret: no answer repeats it.
  kept.delete("key");
  if (next !== undefined) kept.set("cursor", next);
  return {
    "content-type": `${MEDIA_TYPES[format]}; charset=utf-8`,
    "content-disposition": `attachment; filename="cdrs.${format}"`,
    ...(next === undefined ? {} : { link: `<${pathname}?${kept}>; rel="next"` }),
  };
}
