/**
 * What was said on a call, line by line.
 * @module
 */
import { z } from "zod";
import { type RecordEvent, Role } from "./call_record.ts";

/** When something was said. */
export const SpokenOffset = z.number().int().nonnegative().optional()
  .describe("Milliseconds since the call was answered");

/** One line of a transcript. */
export const TranscriptLine = z.object({
  seq: z.number().int().positive().describe("The seq of the event in the call's record"),
  msg: z.string().describe("What was said"),
  role: Role,
  offset: SpokenOffset,
  at: z.iso.datetime().describe("When it was recorded"),
});

/** The line of a transcript event. */
export function transcriptLine(
  { seq, at, data }: RecordEvent & { type: "transcript" },
): z.input<typeof TranscriptLine> {
  return { seq, ...data, at: at.toISOString() };
}
