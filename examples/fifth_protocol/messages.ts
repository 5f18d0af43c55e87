/**
 * The messages of the media stream door, as in Twilio's documents: JSON text frames only, with
 * the audio in base64.
 * @see https://www.twilio.com/docs/voice/media-streams/websocket-messages
 * @module
 */
import { z } from "zod";
import { wire } from "../../session/wire.ts";

const streamSid = z.string().meta({ description: "The stream", examples: ["MZ18ad3ab5"] });
const sequenceNumber = z.string().describe("Counts Twilio's messages, from 1");
const payload = z.base64().describe("Audio in base64: mu-law, 8 kHz, mono, without a file header");

const Connected = z.object({
  event: z.literal("connected"),
  protocol: z.literal("Call"),
  version: z.string(),
}).meta({
  id: "TwilioConnected",
  description: "The socket is open; start follows",
  examples: [{ event: "connected", protocol: "Call", version: "1.0.0" }],
});

const Start = z.object({
  event: z.literal("start"),
  sequenceNumber,
  streamSid,
  start: z.object({
    streamSid,
    accountSid: z.string(),
    callSid: z.string().describe("The call"),
    tracks: z.array(z.enum(["inbound", "outbound"])),
    mediaFormat: z.object({
      encoding: z.literal("audio/x-mulaw"),
      sampleRate: z.literal(8000),
      channels: z.literal(1),
    }),
    customParameters: z.record(z.string(), z.string()).optional().describe(
      "The parameters of the TwiML, by their names",
    ),
  }),
}).meta({
  id: "TwilioStart",
  description: "The stream starts",
  examples: [{
    event: "start",
    sequenceNumber: "1",
    streamSid: "MZ18ad3ab5",
    start: {
      streamSid: "MZ18ad3ab5",
      accountSid: "AC2f6b7e01",
      callSid: "CA5d8f0c2a",
      tracks: ["inbound"],
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
    },
  }],
});

const MediaHeard = z.object({
  event: z.literal("media"),
  sequenceNumber,
  streamSid,
  media: z.object({
    // A bidirectional stream carries no other track.
    track: z.literal("inbound"),
    chunk: z.string().describe("Counts the media messages, from 1"),
    timestamp: z.string().describe("Milliseconds since the stream began"),
    payload,
  }),
}).meta({
  id: "TwilioMediaHeard",
  description: "Audio of the caller",
  examples: [{
    event: "media",
    sequenceNumber: "2",
    streamSid: "MZ18ad3ab5",
    media: { track: "inbound", chunk: "1", timestamp: "5", payload: "/////w==" },
  }],
});

const MarkHeard = z.object({
  event: z.literal("mark"),
  sequenceNumber,
  streamSid,
  mark: z.object({ name: z.string() }),
}).meta({
  id: "TwilioMarkHeard",
  description: "The audio before the mark of this name has been played, or was cleared",
  examples: [{
    event: "mark",
    sequenceNumber: "3",
    streamSid: "MZ18ad3ab5",
    mark: { name: "1" },
  }],
});

const DtmfHeard = z.object({
  event: z.literal("dtmf"),
  sequenceNumber,
  streamSid,
  dtmf: z.object({ track: z.literal("inbound_track"), digit: z.string() }),
}).meta({
  id: "TwilioDtmf",
  description: "The caller has pressed a key",
  examples: [{
    event: "dtmf",
    sequenceNumber: "4",
    streamSid: "MZ18ad3ab5",
    dtmf: { track: "inbound_track", digit: "1" },
  }],
});

const Stop = z.object({
  event: z.literal("stop"),
  sequenceNumber,
  streamSid,
  stop: z.object({ accountSid: z.string(), callSid: z.string() }),
}).meta({
  id: "TwilioStop",
  description: "The stream has stopped, or the call is over",
  examples: [{
    event: "stop",
    sequenceNumber: "5",
    streamSid: "MZ18ad3ab5",
    stop: { accountSid: "AC2f6b7e01", callSid: "CA5d8f0c2a" },
  }],
});

const MediaSaid = z.object({
  event: z.literal("media"),
  streamSid,
  media: z.object({ payload }),
}).meta({
  id: "TwilioMediaSaid",
  description: "Audio for the caller",
  examples: [{ event: "media", streamSid: "MZ18ad3ab5", media: { payload: "/////w==" } }],
});

const MarkSaid = z.object({
  event: z.literal("mark"),
  streamSid,
  mark: z.object({ name: z.string() }),
}).meta({
  id: "TwilioMarkSaid",
  description: "Comes back when the audio before it has been played, or was cleared",
  examples: [{ event: "mark", streamSid: "MZ18ad3ab5", mark: { name: "1" } }],
});

const Clear = z.object({ event: z.literal("clear"), streamSid }).meta({
  id: "TwilioClear",
  description: "Drops all audio that Twilio has buffered",
  examples: [{ event: "clear", streamSid: "MZ18ad3ab5" }],
});

/** Everything that travels on the media stream door. */
export const mediaStreamWire = wire({
  tag: "event",
  heard: z.discriminatedUnion("event", [Connected, Start, MediaHeard, MarkHeard, DtmfHeard, Stop]),
  said: z.discriminatedUnion("event", [MediaSaid, MarkSaid, Clear]),
});
/** The type of the media stream wire. */
export type MediaStreamWire = typeof mediaStreamWire;
