/**
 * The jambonz audio door: a jambonz server brings the audio of a call whose app listens.
 * @module
 */
import {
  AUDIO_SUBPROTOCOLS,
  type AudioMetadata,
  jambonzAudioWire,
} from "../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../protocols/jambonz_audio/session.ts";
import type { JambonzAudioNotice, JambonzAudioPorts } from "../../protocols/jambonz_audio/ports.ts";
import type { Session } from "../../session/session.ts";
import type { Services } from "../services.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

/** The jambonz audio door. */
export function jambonzAudioDoor(services: Services): SocketRoute[] {
  const { config, keys } = services;
  const { LIMIT_IDLE_AUDIO_MS: idleMs, LIMIT_FIRST_MESSAGE_MS: firstMs } = config;
  return socket({
    door: "jambonz audio",
    paths: [`${config.JAMBONZ_PATH}/audio`],
    summary: "A jambonz server brings the audio of a call, and plays what comes back",
    guard: "key",
    subprotocols: AUDIO_SUBPROTOCOLS,
    wire: jambonzAudioWire,
    protocol: jambonzAudio,
    limits: {
      idleAudioMs: Number.isFinite(idleMs) ? idleMs : 0,
      firstMessageMs: Number.isFinite(firstMs) ? firstMs : 0,
    },
    // A call's audio password opens the audio of that call.
    passesWithoutKey: (request) => keys.audioCall(request) !== undefined,
    admit: ({ request }) => keys.audioCall(request),
    ports: (session, onlyCallId) => jambonzAudioPorts(session, services, onlyCallId),
  });
}

function jambonzAudioPorts(
  session: Session<JambonzAudioNotice>,
  { calls, jambonzApps, log, recordings }: Services,
  onlyCallId: string | undefined,
): JambonzAudioPorts {
  return {
    begin(metadata) {
      const call = calls.byPlatformId("jambonz", metadata.callSid);
      if (onlyCallId !== undefined && call?.id !== onlyCallId) return undefined;
      const audio = call && jambonzApps.of(call.id)?.audio.begin(metadata, session);
      if (audio === undefined) return undefined;
      // Also when the protocol failed.
      session.ended.then(() => audio.closed(1011));
      if (!isAsAsked(metadata)) {
        const { sampleRate, mixType } = metadata;
        log.warn("jambonz audio cannot be recorded", { session: session.id, sampleRate, mixType });
        return audio;
      }
      const attached = recordings.attach(session.id, call!.id, "protocol");
      session.ended.then(() => attached[Symbol.dispose]());
      return {
        ...audio,
        audio(bytes) {
          attached.hear(bytes);
          audio.audio(bytes);
        },
      };
    },
  };
}

/** Recordings take the format that our listen asks for; another verb may bring another format. */
function isAsAsked({ sampleRate, mixType = "mono" }: AudioMetadata): boolean {
  return sampleRate === 8000 && mixType === "mono";
}
