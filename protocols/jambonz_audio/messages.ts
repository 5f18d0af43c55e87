/**
 * The messages of a jambonz call's audio socket: JSON for marks and keys, binary frames for audio.
 * The first frame and keys have no type.
 * @module
 */
import { z } from "zod";
import { wire } from "../../session/wire.ts";

const text = z.string().optional();

/** The first frame: names the call and the coding of its audio. Keeps other fields. */
export const AudioMetadata = z.looseObject({
  callSid: z.string().min(1).describe("The call's id, as in session:new"),
  sampleRate: z.literal([8000, 16_000, 24_000, 32_000, 48_000, 64_000])
    .describe("Samples per second of the caller's audio"),
  mixType: z.enum(["mono", "mixed", "stereo"]).optional()
    .describe("mono: the caller only; stereo: the caller left, the other party right"),
  callId: text,
  direction: text,
  from: text,
  to: text,
}).meta({
  id: "JambonzAudioMetadata",
  description: "The first frame of the socket: names the call and the coding of its audio",
  examples: [{ callSid: "eb7ac318", sampleRate: 8000, mixType: "mono" }],
});
/** The first frame. */
export type AudioMetadata = z.infer<typeof AudioMetadata>;

/** The caller pressed a key; sent if the verb has `passDtmf`. */
export const AudioDtmf = z.object({
  event: z.literal("dtmf"),
  dtmf: z.enum([..."0123456789*#ABCD"]).describe("The key: 0-9, *, #, A-D"),
  duration: z.union([z.number(), z.string()]).optional()
    .describe("Samples at 8 kHz, whatever the rate of the audio"),
}).meta({
  id: "JambonzAudioDtmf",
  description: "The caller pressed a key",
  examples: [{ event: "dtmf", dtmf: "5", duration: 1600 }],
});

/** Audio up to a mark was heard or dropped. */
export const MarkHeard = z.object({
  type: z.literal("mark"),
  data: z.object({
    name: z.string(),
    event: z.enum(["playout", "cleared"])
      .describe("playout: all audio before it was heard; cleared: that audio was dropped"),
  }),
}).meta({
  id: "JambonzAudioMarkHeard",
  description: "The audio before a mark was heard or dropped",
  examples: [{ type: "mark", data: { name: "m10", event: "playout" } }],
});

/** A file of `playAudio` has ended. */
export const PlayDone = z.object({
  type: z.literal("playDone"),
  data: z.looseObject({ id: z.union([z.string(), z.number()]).optional() }),
}).meta({
  id: "JambonzAudioPlayDone",
  description: "The file of a playAudio has ended",
  examples: [{ type: "playDone", data: { id: "a1", playbackMilliseconds: "120" } }],
});

/** Plays a whole file. A socket that streams audio ignores it. */
export const PlayAudio = z.object({
  type: z.literal("playAudio"),
  data: z.object({
    audioContent: z.base64().describe("The file in base64"),
    audioContentType: z.enum(["raw", "wav"]),
    sampleRate: z.number().int().optional().describe("Of raw audio"),
    id: z.string().optional().describe("Returned in playDone"),
    queuePlay: z.boolean().optional().describe("true appends, false replaces"),
  }),
}).meta({
  id: "JambonzPlayAudio",
  description: "Plays a whole file; ignored if audio is streamed",
  examples: [{
    type: "playAudio",
    data: { audioContent: "AAAA", audioContentType: "raw", sampleRate: 8000, id: "a1" },
  }],
});

const KillAudio = z.object({ type: z.literal("killAudio") }).meta({
  id: "JambonzKillAudio",
  description: "Drops all unheard audio; its marks are returned as cleared",
  examples: [{ type: "killAudio" }],
});

const Mark = z.object({
  type: z.literal("mark"),
  data: z.object({ name: z.string().min(1) }),
}).meta({
  id: "JambonzAudioMark",
  description: "Returned when all audio sent before it was heard; 30 may be pending",
  examples: [{ type: "mark", data: { name: "m10" } }],
});

const ClearMarks = z.object({ type: z.literal("clearMarks") }).meta({
  id: "JambonzClearMarks",
  description: "Forgets all pending marks; the audio is still played",
  examples: [{ type: "clearMarks" }],
});

const Disconnect = z.object({ type: z.literal("disconnect") }).meta({
  id: "JambonzAudioDisconnect",
  description: "Ends the streaming of audio; the call continues",
  examples: [{ type: "disconnect" }],
});

const heard = z.union([
  z.discriminatedUnion("type", [MarkHeard, PlayDone]),
  AudioDtmf,
  AudioMetadata,
]);
const said = z.discriminatedUnion("type", [PlayAudio, KillAudio, Mark, ClearMarks, Disconnect]);

/** The subprotocols of the audio socket. A jambonz server offers the one that is configured. */
export const AUDIO_SUBPROTOCOLS = ["audio.jambonz.org", "audio.drachtio.org"] as const;

/** How many marks a jambonz server keeps; it silently drops more. */
export const MARKS_PENDING = 30;

/** The messages of the jambonz audio socket. */
export const jambonzAudioWire = wire({
  tag: "type",
  heard,
  said,
  audio: {
    description: "Signed 16-bit little-endian PCM at the sample rate of the first frame",
    bytesPerMs: 16,
  },
});
/** The type of the jambonz audio wire. */
export type JambonzAudioWire = typeof jambonzAudioWire;
