/**
 * Settings of limits: how much may come in, at once and in a second, and how long it may take.
 * @module
 */
import { z } from "zod";
import { JSON_BOUNDS } from "../session/json_bounds.ts";
import { DEFAULT_LIMITS } from "../session/limits.ts";
import { WEBHOOK_LIMITS } from "../webhooks/limits.ts";
import { ms, whole } from "./setting_types.ts";

/** Limits of one address. On loopback all clients, and all those of a proxy, have one. */
export const PER_ADDRESS = { connections: 1000, handshakes: 100 } as const;

/** A whole number; where strangers reach the server there is always one. */
function count(description: string, preset: number) {
  return z.string().regex(/^\d+$/, "a whole number").transform(Number).pipe(z.number().min(1))
    .optional().meta({ description, preset: `${preset}; no limit on loopback` });
}

/** How much, how often and how long. */
export const limitSettings = {
  LIMIT_HEADERS_MS: whole(100, 600_000, 10_000)
    .describe("How long a client may take to send the head of a request (ms); hardened only"),
  LIMIT_CLOSE_MS: whole(100, 600_000, DEFAULT_LIMITS.closingMs)
    .describe("How long a peer may take to answer our close frame (ms); hardened only"),
  LIMIT_TEXT_BYTES: whole(1024, 16 * 1024 ** 2, DEFAULT_LIMITS.textBytes)
    .describe("The longest text frame (bytes); the jambonz door takes 256 KiB at least"),
  LIMIT_AUDIO_BYTES: whole(320, 16 * 1024 ** 2, DEFAULT_LIMITS.audioBytes)
    .describe("The longest binary frame (bytes)"),
  LIMIT_AUDIO_BYTES_PER_SECOND: whole(16_000, 1024 ** 3, DEFAULT_LIMITS.audioBytesPerSecond)
    .describe(
      "Audio per second and socket, sustained (bytes); more is dropped, and a second's worth of it " +
        "closes the socket",
    ),
  LIMIT_AUDIO_FRAMES_PER_SECOND: whole(50, 1_000_000, DEFAULT_LIMITS.audioFramesPerSecond)
    .describe("Binary frames per second and socket, sustained, in the same way"),
  LIMIT_CONNECTIONS: whole(1, 1_000_000, 10_000)
    .describe("Sockets and requests at once; more are answered with 503"),
  LIMIT_CONNECTIONS_PER_ADDRESS: count(
    "Those of one address; more are answered with 429",
    PER_ADDRESS.connections,
  ),
  LIMIT_CONNECTIONS_PER_KEY: whole(1, 1_000_000, 5000)
    .describe("Those of one key; more are answered with 429"),
  LIMIT_CONNECTIONS_PER_CLIENT: whole(1, 1_000_000, 100)
    .describe("Sockets of one client of the notifications door; more are answered with 429"),
  LIMIT_HANDSHAKES_PER_SECOND: whole(1, 1_000_000, 1000).describe(
    "Handshakes of WebSockets per second, sustained, and twice as many at once; more are answered " +
      "with 503",
  ),
  LIMIT_HANDSHAKES_PER_ADDRESS: count(
    "Those of one address per second; more are answered with 429",
    PER_ADDRESS.handshakes,
  ),
  LIMIT_WRONG_KEYS_PER_MINUTE: whole(1, 1_000_000, 20).describe(
    "Wrong keys per minute and address; then every request with a key gets 429 until the minute " +
      "is over",
  ),
  LIMIT_CALLS: whole(1, 1_000_000, 2000).describe("Calls at once; more are hung up"),
  LIMIT_CALLS_PER_NUMBER: whole(1, 1_000_000, 500)
    .describe("Calls at once to one number, and from one; more are hung up"),
  LIMIT_CALLS_PER_KEY: whole(1, 1_000_000, 1000)
    .describe("Calls at once that one key brings; more are hung up"),
  LIMIT_MEMORY_MIB: whole(64, 1024 ** 2, 2048).describe(
    "Resident memory (MiB): from three quarters of it on watchers are refused, beyond it new calls; " +
      "calls in progress go on",
  ),
  LIMIT_FIRST_MESSAGE_MS: ms(
    "How long a call's socket may take to its first message before it is closed",
    10_000,
  ),
  LIMIT_TEXT_BYTES_PER_SECOND: whole(1024, 1024 ** 3, DEFAULT_LIMITS.textBytesPerSecond).describe(
    "Text per second and socket, sustained (bytes), and twice as much at once; more closes the socket",
  ),
  LIMIT_CALL_MS: ms("How long a call may last before it is ended", 4 * 3_600_000),
  LIMIT_JSON_LEVELS: whole(8, 1000, JSON_BOUNDS.levels)
    .describe("How deep JSON may be nested, in bodies and text frames"),
  LIMIT_JSON_VALUES: whole(100, 10_000_000, JSON_BOUNDS.values)
    .describe("How many values JSON may hold"),
  LIMIT_JSON_KEYS: whole(100, 10_000_000, JSON_BOUNDS.keys)
    .describe("How many members the objects of JSON may have, in all"),
  LIMIT_JSON_CHARACTERS: whole(100, 16 * 1024 ** 2, JSON_BOUNDS.characters)
    .describe("How long a text in JSON may be, or the name of a member (characters)"),
  LIMIT_BODY_BYTES: whole(1024, 64 * 1024 ** 2, 256 * 1024).describe(
    "The longest body of a request (bytes); a longer one is answered with 413, and its connection " +
      "closed",
  ),
  LIMIT_BODY_MS: whole(100, 600_000, 10_000).describe(
    "How long a body may take (ms); a slower one is answered with 408, and its connection closed",
  ),
  LIMIT_WEBHOOKS: whole(1, 10_000, WEBHOOK_LIMITS.all).describe("Webhooks in all"),
  LIMIT_WEBHOOKS_PER_KEY: whole(1, 10_000, WEBHOOK_LIMITS.ofKey)
    .describe("Webhooks that one key may have"),
  LIMIT_IDLE_AUDIO_MS: ms(
    "How long jambonz may bring no audio on a call's audio socket before it is closed",
    600_000,
  ),
  LIMIT_INBOX_EVENTS: whole(16, 1_000_000, DEFAULT_LIMITS.inboxEvents)
    .describe("How many events may wait in a session's inbox"),
  LIMIT_MESSAGES_PER_SECOND: whole(1, 1_000_000, DEFAULT_LIMITS.messagesPerSecond)
    .describe("Text frames per second and socket, sustained; more closes the socket"),
  LIMIT_BUFFERED_BYTES: whole(64 * 1024, 1024 ** 3, DEFAULT_LIMITS.bufferedBytes)
    .describe("How much may wait for a slow peer before its socket is closed (bytes)"),
  REPLAYS_AT_ONCE: whole(1, 1000, 4)
    .describe(
      "How many replays, streams of missed events and whole transcripts read a page at once; the " +
        "others wait for their turn",
    ),
  READER_THREADS: whole(1, 16, 1)
    .describe("Threads that read lists and replays, and write their JSON"),
  LIMIT_LATE_AUDIO_MS: whole(20, 60_000, DEFAULT_LIMITS.lateAudioMs)
    .describe("Audio older than this is dropped (ms)"),
  LIMIT_CLIENT_KEYS: whole(1, 1_000_000, 50_000)
    .describe("How many clients may have an encryption key; each takes about a kilobyte of memory"),
  HEARTBEAT_MS: whole(1000, 600_000, DEFAULT_LIMITS.heartbeatMs)
    .describe(
      "A silent socket is pinged after half of this time and closed after all of it (ms); an " +
        "inbound call has INBOUND_IDLE_MS instead, unless that is never",
    ),
};
