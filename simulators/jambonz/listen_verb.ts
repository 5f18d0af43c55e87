/**
 * What a listen verb asks for, read as a feature server reads it.
 * @module
 */
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import { AudioMetadata } from "../../protocols/jambonz_audio/messages.ts";
import { CHANNEL_RATE } from "./playout.ts";
import type { Approach } from "../peer/peer_socket.ts";

/** How the audio of both sides is sent. */
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
  /** What the application may play: binary frames, whole files, or nothing. */
  readonly plays: "stream" | "files" | "nothing";
  /** The sample rate of what it streams. */
  readonly playRate: number;
}

/** Reads a verb; its properties have been checked. */
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
 * Where and how the socket is opened; a path is one of the application's own host.
 * Throws a TypeError for what is no URL.
 */
export function approachOf(listen: Listen, applicationUrl: string, subprotocol: string): Approach {
  const url = new URL(listen.url, listen.url.startsWith("/") ? applicationUrl : undefined);
  url.protocol = url.protocol.replace("http", "ws");
  const authorization = authorizationOf(listen);
  const fits = authorization !== undefined && authorization.length < HEADER_BYTES;
  return { url: url.href, subprotocol, ...(fits ? { headers: { authorization } } : {}) };
}

/**
 * The audio fork has this many bytes for the value of the header and a zero behind it; it leaves a
 * longer one out.
 * @see https://github.com/jambonz/freeswitch-modules/blob/main/mod_audio_fork/audio_pipe.cpp
 */
export const HEADER_BYTES = 128;

/** What the header for its credentials holds, as HTTP Basic; undefined without any. */
export function authorizationOf({ auth }: Listen): string | undefined {
  return auth && `Basic ${btoa(`${auth.username}:${auth.password}`)}`;
}

/**
 * The first frame: the call information in camelCase, and what the verb adds.
 * Throws a ZodError where that is none, such as with a sample rate that jambonz does not have.
 */
export function metadataOf(
  { sampleRate, mixType, metadata }: Listen,
  { defaults: _, ...info }: CallInfo,
): AudioMetadata {
  const answered = { call_status: "in-progress", sip_status: 200, sip_reason: "OK" };
  const told = Object.entries({ ...info, ...answered });
  return AudioMetadata.parse({
    sampleRate,
    mixType,
    ...Object.fromEntries(told.map(([name, value]) => [camelCase(name), value])),
    ...metadata,
  });
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
