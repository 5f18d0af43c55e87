/**
 * Call detail records over HTTP: of one call, and of many as JSON, NDJSON or CSV.
 * @module
 */
import { accepts } from "@std/http/negotiation";
import { z } from "zod";
import type { Calls } from "../../calls/calls.ts";
import { type CallRecord, Cdr } from "../../calls/call_record.ts";
import type { CallQuery } from "../../calls/store.ts";
import { CallListQuery, callQuery, cursorAfter, NextCursor } from "./call_list_query.ts";
import { CallEntry, findCall } from "./calls.ts";
import { csv } from "../../http/csv.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, mediaTypes, type Visit } from "../../http/route.ts";

/** The media types of the list of CDRs by `?format=`. */
const MEDIA_TYPES = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
} as const;
type Format = keyof typeof MEDIA_TYPES;
const FORMATS = Object.keys(MEDIA_TYPES) as Format[];

/** The query parameters of the list of CDRs. */
export const CdrListQuery = CallListQuery.extend({
  format: z.enum(FORMATS).optional().describe("Overrides the header Accept"),
});

/** The CDR of one call. */
export const CallCdr = z.object({
  cdr: Cdr,
  received: z.unknown().optional().describe("As the platform sent it; missing when it sent none"),
}).meta({ id: "CallCdr", description: "The CDR of a call, in normal form and as received" });

/** One line of the list of CDRs. */
export const CdrEntry = z.object({
  call_id: z.string(),
  ...CallEntry.pick({ line: true, direction: true }).shape,
  ...CallEntry.pick({ from: true, fromE164: true, to: true, toE164: true }).shape,
  ...Cdr.shape,
}).meta({ id: "CdrEntry", description: "A CDR in normal form, with its call" });

/** One page of CDRs. */
export const CdrList = z.object({ cdrs: z.array(CdrEntry), next_cursor: NextCursor }).meta({
  id: "CdrList",
  description:
    "CDRs, newest call first. NDJSON and CSV have one CDR per line, and the next page in the header " +
    "Link. In CSV a text that begins like a formula, with =, +, -, @, a tab or a line break, gets " +
    "an apostrophe in front, so that no spreadsheet runs it; a phone number such as " +
    "+254712345678 stays as it is.",
}).register(mediaTypes, { types: Object.values(MEDIA_TYPES) });

/** The routes of CDRs. */
export function cdrRoutes({ calls, store }: Pick<Services, "calls" | "store">): HttpRoute[] {
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
        const [event] = await store.events.after(0, { types: ["cdr"], callId }, 1);
        const received = event?.data["received"];
        return Response.json({ cdr, received });
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
        const { found, next } = await withCdrs(calls, callQuery(query, visit.holder));
        const cdrs = found.map(cdrEntry);
        if (format === "json") return Response.json({ cdrs, next_cursor: next });
        const text = format === "csv"
          ? csv(CdrEntry.keyof().options, cdrs.map(cells))
          : cdrs.map((cdr) => `${JSON.stringify(cdr)}\n`).join("");
        return new Response(text, { headers: headers(format, visit.url, next) });
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

/** Calls with a CDR. Calls without one are skipped, and pages are full all the same. */
async function withCdrs(
  calls: Calls,
  query: CallQuery,
): Promise<{ found: CallRecord[]; next: string | undefined }> {
  const found: CallRecord[] = [];
  const limit = query.limit + 1;
  let after = query.after;
  let page: readonly CallRecord[];
  do {
    page = await calls.list({ ...query, after, limit });
    found.push(...page.filter(({ cdr }) => cdr !== null));
    after = page.at(-1);
  } while (page.length === limit && found.length < limit);
  const shown = found.slice(0, query.limit);
  return {
    found: shown,
    next: found.length > shown.length ? cursorAfter(shown.at(-1)!) : undefined,
  };
}

function cdrEntry({ id, cdr, ...call }: CallRecord): z.infer<typeof CdrEntry> {
  const { line, direction, from, fromE164, to, toE164 } = call;
  return { call_id: id, line, direction, from, fromE164, to, toE164, ...cdr! };
}

/** A table has one cell for the names of the unread fields. */
function cells(cdr: z.infer<typeof CdrEntry>) {
  return { ...cdr, unread: cdr.unread.join(" ") };
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
