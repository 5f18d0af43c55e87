/**
 * The limits of a server, from its settings.
 * @module
 */
import type { Config } from "../config/config.ts";
import type { AdmissionLimits } from "../http/admission/admission.ts";
import type { BodyLimits } from "../http/body.ts";
import type { JsonBounds } from "../session/json_bounds.ts";
import type { Limits } from "../session/limits.ts";

/** The limits of admission. */
export function admissionLimits(config: Config): AdmissionLimits {
  return {
    connections: config.LIMIT_CONNECTIONS,
    connectionsPerAddress: config.LIMIT_CONNECTIONS_PER_ADDRESS,
    connectionsPerKey: config.LIMIT_CONNECTIONS_PER_KEY,
    connectionsPerClient: config.LIMIT_CONNECTIONS_PER_CLIENT,
    handshakesPerSecond: config.LIMIT_HANDSHAKES_PER_SECOND,
    handshakesPerSecondAndAddress: config.LIMIT_HANDSHAKES_PER_ADDRESS,
    wrongKeysPerMinute: config.LIMIT_WRONG_KEYS_PER_MINUTE,
    calls: config.LIMIT_CALLS,
    callsPerNumber: config.LIMIT_CALLS_PER_NUMBER,
    callsPerKey: config.LIMIT_CALLS_PER_KEY,
    memoryBytes: config.LIMIT_MEMORY_MIB * 1024 ** 2,
  };
}

/** The limits of request bodies. */
export function bodyLimits(config: Config): BodyLimits {
  return {
    bytes: config.LIMIT_BODY_BYTES,
    ms: config.LIMIT_BODY_MS,
    json: jsonBounds(config),
  };
}

function jsonBounds(config: Config): JsonBounds {
  return {
    levels: config.LIMIT_JSON_LEVELS,
    values: config.LIMIT_JSON_VALUES,
    keys: config.LIMIT_JSON_KEYS,
    characters: config.LIMIT_JSON_CHARACTERS,
  };
}

/** The limits of every socket; a door may set others. */
export function sessionLimits(config: Config): Partial<Limits> {
  return {
    textBytes: config.LIMIT_TEXT_BYTES,
    audioBytes: config.LIMIT_AUDIO_BYTES,
    audioBytesPerSecond: config.LIMIT_AUDIO_BYTES_PER_SECOND,
    audioFramesPerSecond: config.LIMIT_AUDIO_FRAMES_PER_SECOND,
    json: jsonBounds(config),
    inboxEvents: config.LIMIT_INBOX_EVENTS,
    messagesPerSecond: config.LIMIT_MESSAGES_PER_SECOND,
    textBytesPerSecond: config.LIMIT_TEXT_BYTES_PER_SECOND,
    bufferedBytes: config.LIMIT_BUFFERED_BYTES,
    lateAudioMs: config.LIMIT_LATE_AUDIO_MS,
    heartbeatMs: config.HEARTBEAT_MS,
    closingMs: config.LIMIT_CLOSE_MS,
  };
}
