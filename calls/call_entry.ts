/**
 * A call as the call log shows it.
 * @module
 */
import { z } from "zod";
import {
  type CallRecord,
  CallState,
  Cdr,
  EndedBy,
  LineName,
  RecordingState,
} from "./call_record.ts";

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

/** A call as the log shows it. */
export function callEntry(call: CallRecord): z.infer<typeof CallEntry> {
  const { liveConversationToken, startedAt, answeredAt, endedAt, ...rest } = call;
  return {
    ...rest,
    startedAt: startedAt.toISOString(),
    answeredAt: answeredAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    ...(call.state === "ended" ? {} : { liveConversationToken }),
  };
}
