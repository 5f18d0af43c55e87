/**
 * The messages of the live calls door.
 * @module
 */
import { z } from "zod";
import type { Role } from "../../calls/call_record.ts";
import { wire } from "../../session/wire.ts";

const id = z.string().min(1).max(256).meta({
  description: "Chosen by the client; the ack repeats it",
  examples: ["msg-1"],
});

const timestamp = z.iso.datetime().meta({
  description: "ISO 8601",
  examples: ["2026-11-21T08:00:00.000Z"],
});

const role = z.enum(["assistant", "other", "user"] satisfies Role[])
  .describe("assistant: our voice; other: the far end of the line; user: a watcher who joined");

const seq = z.number().int().optional()
  .describe("The event's number in the call's record; only for watchers with ?after=");

const ClientJoinCall = z.object({ type: z.literal("client:joinCall"), id }).meta({
  id: "WebSocketClientJoinCallMessage",
  description: "Request to transfer the call to the user",
  examples: [{ type: "client:joinCall", id: "msg-1" }],
});

const ClientEndCall = z.object({ type: z.literal("client:endCall"), id }).meta({
  id: "WebSocketClientEndCallMessage",
  description: "Request to end the call",
  examples: [{ type: "client:endCall", id: "msg-2" }],
});

/** A client message was accepted for a live call. */
export const Ack = z.object({
  type: z.literal("ack"),
  ackId: z.string().describe("The id of the client message"),
}).meta({
  id: "WebSocketClientAck",
  description: "The client message was accepted for a live call",
  examples: [{ type: "ack", ackId: "msg-1" }],
});

/** Sent to a watcher instead of an unknown caller's number. The record never contains it. */
export const WITHHELD = "withheld";

const CallStart = z.object({
  type: z.literal("event:start"),
  phone: z.string().describe(
    `The caller, in E.164 if the number has that form; ${WITHHELD} if there is none`,
  ),
  timestamp,
  seq,
}).meta({
  id: "WebSocketCallStartMessage",
  description: "The call has started",
  examples: [{ type: "event:start", phone: "+15083084809", timestamp: "2026-11-21T08:00:00.000Z" }],
});

const ScreeningEnd = z.object({
  type: z.literal("event:end"),
  msg: z.string().describe("What happens next"),
  seq,
}).meta({
  id: "WebSocketScreeningEndMessage",
  description: "The screening phase is over",
  examples: [{ type: "event:end", msg: "The call is transferred" }],
});

const CallEnd = z.object({ type: z.literal("event:callEnd"), timestamp, seq }).meta({
  id: "WebSocketCallEndMessage",
  description: "The call is over; the socket closes with 1000",
  examples: [{ type: "event:callEnd", timestamp: "2026-11-21T08:01:00.000Z" }],
});

const Transcript = z.object({
  type: z.literal("transcript"),
  msg: z.string().describe("What was said"),
  role,
  offset: z.number().optional().describe("Milliseconds since the call was answered"),
  seq,
}).meta({
  id: "WebSocketTranscriptMessage",
  description: "Something was said on the call",
  examples: [{ type: "transcript", msg: "Hello", role: "other", offset: 1200 }],
});

const ErrorSaid = z.object({ type: z.literal("error"), description: z.string() }).meta({
  id: "WebSocketErrorMessage",
  description: "A message could not be understood or carried out; the socket stays open",
  examples: [{ type: "error", description: "Cannot join call 1b2c: it is over" }],
});

/** The messages of the live calls door. */
export const liveCallsWire = wire({
  tag: "type",
  heard: z.discriminatedUnion("type", [ClientJoinCall, ClientEndCall]),
  said: z.discriminatedUnion("type", [
    Ack,
    CallStart,
    ScreeningEnd,
    CallEnd,
    Transcript,
    ErrorSaid,
  ]),
});
/** The type of the live calls wire. */
export type LiveCallsWire = typeof liveCallsWire;
