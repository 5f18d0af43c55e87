/**
 * The messages of the inbound call door: JSON for signalling, binary frames for audio.
 * @module
 */
import { z } from "zod";
import { wire } from "../../session/wire.ts";

/** Text, or a number from some platforms; null if missing or empty. */
const looseText = z.union([z.string(), z.number()]).nullish().transform((value) => {
  const written = String(value ?? "");
  return written.trim() === "" ? null : written;
});

/** A new call is received by the platform. */
export const IncomingCall = z.object({
  event: z.literal("incoming_call"),
  callerId: looseText.meta({
    description: "Caller phone number; null, empty or missing if it is withheld",
    examples: ["+254712345678"],
  }),
  didNumber: looseText.meta({ description: "Destination phone number", examples: ["5000"] }),
  sessionId: looseText.meta({
    description: "Unique session identifier for the call; we create one if it is missing",
    examples: ["b1946ac9-2d3f"],
  }),
}).meta({
  id: "InboundIncomingCall",
  description: "A new call is received by the platform",
  examples: [{
    event: "incoming_call",
    callerId: "+254712345678",
    didNumber: "5000",
    sessionId: "b1946ac9-2d3f",
  }],
});

const key = z.union([z.enum([..."0123456789*#ABCDabcd"]), z.int().min(0).max(9)])
  .transform((digit) => String(digit).toUpperCase());

/** The caller pressed a key. */
export const DtmfHeard = z.object({
  event: z.literal("dtmf"),
  digit: key.describe("The key: 0-9, *, #, A-D, as text; also a number or a lower-case letter"),
}).meta({
  id: "InboundDtmfHeard",
  description: "The caller pressed a key",
  examples: [{ event: "dtmf", digit: "1" }],
});

/** The platform ended the call. */
export const HangupHeard = z.object({ event: z.literal("hangup") }).meta({
  id: "InboundHangupHeard",
  description: "The platform ended the call; the CDR follows",
  examples: [{ event: "hangup" }],
});

/** A field of a CDR: we accept any value. */
const cdrField = (description: string) => z.unknown().optional().meta({ description });

/** The call detail record, after the call. We accept any content and keep all of it. */
export const CdrHeard = z.looseObject({
  event: z.literal("cdr"),
  sessionId: cdrField("The session identifier of the call"),
  source: cdrField("Caller phone number, as text or a number"),
  destination: cdrField("Destination phone number, as text or a number"),
  startTime: cdrField("Call start time: ISO 8601, or Unix time in s or ms"),
  answerTime: cdrField("Call answer time, likewise; null if never answered"),
  endTime: cdrField("Call end time, likewise"),
  duration: cdrField("Whole call, in seconds: a number, also as text"),
  billableSeconds: cdrField("Billable duration, in seconds: a number, also as text"),
  disposition: cdrField("ANSWERED, NO ANSWER, BUSY, FAILED or CANCEL"),
  hangupBy: cdrField("CALLER or CALLEE"),
  hangupCauseCode: cdrField("Cause code, such as 16 for normal clearing, as text or a number"),
  hangupCauseText: cdrField("Cause in words"),
}).meta({
  id: "InboundCdr",
  description: "The call detail record, sent after hangup",
  examples: [{
    event: "cdr",
    sessionId: "b1946ac9-2d3f",
    source: null,
    destination: "5000",
    startTime: "2026-11-21T08:00:00.000Z",
    answerTime: "2026-11-21T08:00:00.000Z",
    endTime: "2026-11-21T08:00:12.000Z",
    duration: 12,
    billableSeconds: 10,
    disposition: "ANSWERED",
    hangupBy: "CALLEE",
    hangupCauseCode: "16",
    hangupCauseText: "Normal clearing",
  }],
});

const Answer = z.object({ event: z.literal("answer") }).meta({
  id: "InboundAnswer",
  description: "Answers the call",
  examples: [{ event: "answer" }],
});

const DtmfSaid = z.object({
  event: z.literal("dtmf"),
  digit: z.enum([..."0123456789*#"]).describe("The tone: 0-9, *, #"),
  duration: z.number().int().min(1).max(1000).describe("Milliseconds"),
}).meta({
  id: "InboundDtmfSaid",
  description: "Sends a DTMF tone to the caller",
  examples: [{ event: "dtmf", digit: "1", duration: 200 }],
});

const Interrupt = z.object({ event: z.literal("interrupt") }).meta({
  id: "InboundInterrupt",
  description: "The platform drops the audio it has queued",
  examples: [{ event: "interrupt" }],
});

const HangupSaid = z.object({ event: z.literal("hangup") }).meta({
  id: "InboundHangupSaid",
  description: "Ends the call; the platform answers with a CDR",
  examples: [{ event: "hangup" }],
});

/** The messages of the inbound call door. */
export const inboundCallWire = wire({
  tag: "event",
  heard: z.discriminatedUnion("event", [IncomingCall, DtmfHeard, HangupHeard, CdrHeard]),
  said: z.discriminatedUnion("event", [Answer, DtmfSaid, Interrupt, HangupSaid]),
  asReceived: ["cdr"],
  audio: {
    description: "Signed 16-bit little-endian PCM, 8 kHz, mono: 320 bytes are 20 ms",
    bytesPerMs: 16,
  },
});
/** The type of the inbound call wire. */
export type InboundCallWire = typeof inboundCallWire;
/** A tone that we can send to a caller. */
export type SayableDigit = z.infer<typeof DtmfSaid>["digit"];
