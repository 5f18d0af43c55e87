/**
 * The jambonz audio door: a jambonz server sends the audio of a call whose app listens.
 * @module
 */
import { seesCall } from "../../access/bounds.ts";
import type { Holder } from "../../access/holder.ts";
import {
  AUDIO_SUBPROTOCOLS,
  type AudioMetadata,
  jambonzAudioWire,
} from "../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../protocols/jambonz_audio/session.ts";
import type { JambonzAudioNotice, JambonzAudioPorts } from "../../protocols/jambonz_audio/ports.ts";
import type { Session } from "../../session/session.ts";
import type { Services } from "../services.ts";
import { basicPasswordOf } from "../../http/guards/keys.ts";
import { socket, type SocketRoute, type Visit } from "../../http/route.ts";

/** The jambonz audio door. */
export function jambonzAudioDoor(services: Services): SocketRoute[] {
  const { config, access } = services;
  const { LIMIT_IDLE_AUDIO_MS: idleMs, LIMIT_FIRST_MESSAGE_MS: firstMs } = config;
  const opened = ({ request }: Visit) => access.readAudioPassword(basicPasswordOf(request));
  return socket({
    door: "jambonz audio",
    paths: [`${config.JAMBONZ_PATH}/audio`],
    summary: "A jambonz server sends the audio of a call, and plays our audio",
    scope: "line:jambonz",
    always: config.JAMBONZ_SECRET !== undefined,
    subprotocols: AUDIO_SUBPROTOCOLS,
    // jambonz's audio fork is built with libwebsockets.
    portlessOrigin: true,
    wire: jambonzAudioWire,
    protocol: jambonzAudio,
    limits: {
      idleAudioMs: Number.isFinite(idleMs) ? idleMs : 0,
      firstMessageMs: Number.isFinite(firstMs) ? firstMs : 0,
    },
    // A call's audio password opens the audio of that call.
    passesWithoutKey: (visit) => opened(visit) !== undefined,
    admit(visit) {
      const { callId, holder = visit.holder } = opened(visit) ?? {};
      return { onlyCallId: callId, holder };
    },
    holderOf: ({ holder }) => holder,
    ports: (session, bringer) => jambonzAudioPorts(session, services, bringer),
  });
}

/** The credentials: a call's password, for that call only. */
interface Bringer {
  readonly onlyCallId: string | undefined;
  readonly holder: Holder | undefined;
}

function jambonzAudioPorts(
  session: Session<JambonzAudioNotice>,
  { calls, jambonzApps, log, recordings }: Services,
  { onlyCallId, holder }: Bringer,
): JambonzAudioPorts {
  return {
    begin(metadata) {
      const call = calls.byPlatformId("jambonz", metadata.callSid);
      if (onlyCallId !== undefined && call?.id !== onlyCallId) return undefined;
      if (call !== undefined && !seesCall(holder?.bounds, call)) return undefined;
      const audio = call && jambonzApps.of(call.id)?.player.audio.begin(metadata, session);
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

/** Recordings require the format of our listen; another verb may use another format. */
function isAsAsked({ sampleRate, mixType = "mono" }: AudioMetadata): boolean {
  return sampleRate === 8000 && mixType === "mono";
}
