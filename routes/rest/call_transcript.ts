/**
 * A call's transcript over HTTP: read it, and add what an outside speech recogniser hears.
 * @module
 */
import { z } from "zod";
import { type RecordEvent, Role } from "../../calls/call_record.ts";
import { turn } from "../../session/broadcast.ts";
import { findCall, findLiveCall } from "./calls.ts";
import type { Services } from "../services.ts";
import { http, type HttpRoute } from "../../http/route.ts";

const PATH = "/api/v1/calls/:id/transcript";

const offset = z.number().int().nonnegative().optional()
  .describe("Milliseconds since the call was answered");

/** What was said on a call so far. */
export const CallTranscript = z.object({
  transcript: z.array(z.object({
    seq: z.number().int().positive().describe("The seq of the event in the call's record"),
    msg: z.string().describe("What was said"),
    role: Role,
    offset,
    at: z.iso.datetime().describe("When it was recorded"),
  })),
}).meta({ id: "CallTranscript", description: "What was said on a call, in order" });

/** One segment from a speech recogniser. */
export const TranscriptSegment = z.object({
  role: Role,
  text: z.string().trim().min(1).max(10_000).meta({ description: "What was said", pattern: "\\S" }),
  offset,
  final: z.boolean().default(true)
    .describe("Whether the segment is final: only final segments are recorded"),
}).meta({
  id: "TranscriptSegment",
  description: "One segment from a speech recogniser",
  examples: [{ role: "other", text: "I buy ten bags", offset: 1200, final: true }],
});

/** One segment, or several in order. */
export const TranscriptPost = z.union([
  z.object({ segments: z.array(TranscriptSegment).min(1).max(500) }),
  TranscriptSegment,
]).meta({ id: "TranscriptPost", description: "One segment, or several in order" });

/** What became of each segment. */
export const TranscriptPosted = z.object({
  segments: z.array(z.object({
    recorded: z.boolean(),
    seq: z.number().int().positive().optional()
      .describe("The seq in the call's record; missing when it was not recorded"),
  })),
}).meta({ id: "TranscriptPosted", description: "What became of each segment, in order" });

const PAGE_EVENTS = 500;

/** The routes of transcripts. */
export function transcriptRoutes({ calls, store }: Pick<Services, "calls" | "store">): HttpRoute[] {
  return [
    http({
      method: "GET",
      path: PATH,
      summary: "What was said on a call",
      scope: "calls:read",
      answers: { 200: CallTranscript },
      async answer(visit) {
        const { id: callId } = await findCall(calls, visit);
        const transcript: z.input<typeof CallTranscript>["transcript"] = [];
        let page;
        let lastId = 0;
        do {
          page = await store.events.after(lastId, { types: ["transcript"], callId }, PAGE_EVENTS);
          for (const { callSeq, at, data } of page) {
            const said = data as (RecordEvent & { type: "transcript" })["data"];
            transcript.push({ seq: callSeq!, ...said, at: at.toISOString() });
          }
          lastId = page.at(-1)?.id ?? lastId;
          await turn();
        } while (page.length === PAGE_EVENTS);
        return Response.json({ transcript });
      },
    }),
    http({
      method: "POST",
      path: PATH,
      summary: "Adds what an outside speech recogniser hears; watchers hear it at once",
      scope: "calls:control",
      body: TranscriptPost,
      answers: { 200: TranscriptPosted },
      async answer(visit, { body }) {
        const { id } = await findLiveCall(calls, visit, "transcribe");
        const { operation } = visit;
        const segments = "segments" in body ? body.segments : [body];
        // Writes happen in the order of these calls, and share one wait for the disk.
        const posted = segments.map(async ({ role, text: msg, offset, final }, index) => {
          if (!final) return { recorded: false };
          const data = { msg, role, ...(offset === undefined ? {} : { offset }) };
          const kept = await calls.record(
            id,
            { type: "transcript", actor: visit.actor, data },
            operation && `${operation}:${index}`,
          );
          return { recorded: true, seq: kept!.seq };
        });
        return Response.json({ segments: await Promise.all(posted) });
      },
    }),
  ];
}
