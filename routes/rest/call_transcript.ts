/**
 * A call's transcript over HTTP: read it, and add what an outside speech recogniser hears.
 * @module
 */
import { z } from "zod";
import { Role } from "../../calls/call_record.ts";
import { SpokenOffset, TranscriptLine } from "../../calls/transcript_line.ts";
import { findCall, findLiveCall } from "./calls.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";
import { http, type HttpRoute } from "../../http/route.ts";

const PATH = "/api/v1/calls/:id/transcript";

/** The query parameters of a transcript. */
export const TranscriptQuery = z.object({
  after: z.coerce.number().int().nonnegative().default(0)
    .describe("The last known seq: the answer begins after it"),
  limit: z.coerce.number().int().min(1).max(10_000).optional()
    .describe("How many lines at most; without it all of them, as a stream"),
});

/** What was said on a call so far. */
export const CallTranscript = z.object({
  transcript: z.array(TranscriptLine),
  after: z.number().int().nonnegative().describe("Ask with this for what comes next"),
}).meta({ id: "CallTranscript", description: "What was said on a call, in order" });

/** One segment from a speech recogniser. */
export const TranscriptSegment = z.object({
  role: Role,
  text: z.string().trim().min(1).max(10_000).meta({ description: "What was said", pattern: "\\S" }),
  offset: SpokenOffset,
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

/** The routes of transcripts. */
export function transcriptRoutes(
  services: ListServices & Pick<Services, "calls" | "store">,
): HttpRoute[] {
  const { calls, store: { pages } } = services;
  return [
    http({
      method: "GET",
      path: PATH,
      summary: "What was said on a call",
      scope: "calls:read",
      query: TranscriptQuery,
      answers: { 200: CallTranscript },
      async answer(visit, { query: { after, limit = Number.MAX_SAFE_INTEGER } }) {
        const { id: callId } = await findCall(calls, visit);
        return await listAnswer(visit, {
          read: (afterSeq = after, limit, signal) =>
            pages.transcript({ callId, afterSeq, limit }, signal),
          after,
          limit,
          open: '{"transcript":[',
          close: ({ last }) => `],"after":${last ?? after}}`,
        }, services);
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
