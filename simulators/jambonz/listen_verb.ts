/**
 * Reads a listen verb as a feature server does.
 * @module
 */
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import { AudioMetadata } from "../../protocols/jambonz_audio/messages.ts";
import { CHANNEL_RATE } from "./playout.ts";
import type { Approach } from "../peer/peer_socket.ts";

/** How the audio of both sides is combined. */
export type MixType = "mono" | "stereo" | "mixed";

/** A listen verb, or the listen of a config. */
export interface Listen {
  readonly url: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  readonly sampleRate: number;
  readonly mixType: MixType;
  readonly passDtmf: boolean;
  readonly finishOnKey: string | undefined;
  readonly maxSeconds: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the application may play: binary frames, files, or nothing. */
  readonly plays: "stream" | "files" | "nothing";
  /** The sample rate of binary frames. */
  readonly playRate: number;
}

/** Reads a valid verb. */
export function readListen(verb: Readonly<Record<string, unknown>>): Listen {
  const bidirectional = {
    enabled: verb["disableBidirectionalAudio"] !== true,
    ...verb["bidirectionalAudio"] as { streaming?: boolean; sampleRate?: number } | undefined,
  };
  return {
    url: String(verb["url"]),
    auth: verb["wsAuth"] as Listen["auth"],
    sampleRate: Number(verb["sampleRate"] ?? CHANNEL_RATE),
    mixType: verb["mixType"] as MixType | undefined ?? "mono",
    passDtmf: verb["passDtmf"] === true,
    finishOnKey: verb["finishOnKey"] as string | undefined,
    maxSeconds: verb["maxLength"] as number | undefined,
    metadata: verb["metadata"] as Listen["metadata"] | undefined ?? {},
    plays: !bidirectional.enabled ? "nothing" : bidirectional.streaming ? "stream" : "files",
    playRate: bidirectional.sampleRate ?? CHANNEL_RATE,
  };
}

/**
 * How to open the socket; a path means the application's own host.
 * @throws {TypeError} for an invalid URL
 */
export function approachOf(listen: Listen, applicationUrl: string, subprotocol: string): Approach {
  const url = new URL(listen.url, listen.url.startsWith("/") ? applicationUrl : undefined);
  url.protocol = url.protocol.replace("http", "ws");
  const authorization = authorizationOf(listen);
  const fits = authorization !== undefined && authorization.length < HEADER_BYTES;
  return { url: url.href, subprotocol, ...(fits ? { headers: { authorization } } : {}) };
}

/**
 * The buffer of the audio fork for the header's value and a final zero; it leaves a longer value
 * out.
 * @see https://github.com/jambonz/freeswitch-modules/blob/main/mod_audio_fork/audio_pipe.cpp
 */
export const HEADER_BYTES = 128;

/** The value of the header for its credentials, as HTTP Basic; undefined without credentials. */
export function authorizationOf({ auth }: Listen): string | undefined {
  return auth && `Basic ${btoa(`${auth.username}:${auth.password}`)}`;
}

/**
 * The first frame: the call information in camelCase, and the metadata of the verb.
 * @throws {ZodError} for invalid values, such as a sample rate that jambonz does not support
 */
export function metadataOf(
  { sampleRate, mixType, metadata }: Listen,
  { defaults: _, ...info }: CallInfo,
): AudioMetadata {
  const answered = { call_status: "in-progress", sip_status: 200, sip_reason: "OK" };
  const entries = Object.entries({ ...info, ...answered });
  return AudioMetadata.parse({
    sampleRate,
    mixType,
    ...Object.fromEntries(entries.map(([name, value]) => [camelCase(name), value])),
    ...metadata,
  });
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
