/**
 * The jambonz audio socket: where a jambonz server brings the audio of a call whose app wants it.
 * @module
 */
import {
  AUDIO_SUBPROTOCOLS,
  type AudioMetadata,
  jambonzAudioWire,
} from "../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../protocols/jambonz_audio/session.ts";
import type { JambonzAudioNotice, JambonzAudioPorts } from "../../protocols/jambonz_audio/ports.ts";
import { offeredSubprotocols } from "../../session/handshake.ts";
import { upgrade } from "../../session/serve.ts";
import type { Session } from "../../session/session.ts";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

/** The route of the audio socket. */
export function jambonzAudioRoute(services: Services): SocketRoute {
  const { config, keys, limits, observe, sessions } = services;
  return socket({
    path: `${config.JAMBONZ_PATH}/audio`,
    door: "jambonz audio",
    summary: "A jambonz server brings the audio of a call, and plays what comes back",
    guard: "key",
    // Or the password that opens the audio of one call, and nothing else.
    admits: (request) => keys.audioCall(request) !== undefined,
    wire: jambonzAudioWire,
    subprotocol: AUDIO_SUBPROTOCOLS.join(" or "),
    open({ request }) {
      const callId = keys.audioCall(request);
      const subprotocol = offeredSubprotocols(request.headers).find((name) =>
        AUDIO_SUBPROTOCOLS.some((known) => known === name)
      );
      if (subprotocol === undefined) {
        const names = AUDIO_SUBPROTOCOLS.join(" or ");
        return problem(400, `Offer the subprotocol ${names} in Sec-WebSocket-Protocol`);
      }
      return upgrade(request, {
        door: "jambonz audio",
        wire: jambonzAudioWire,
        protocol: jambonzAudio,
        context: (session: Session<JambonzAudioNotice>) => world(session, services, callId),
        limits,
        observe,
        sessions,
      }, subprotocol);
    },
  });
}

function world(
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
      // Also where the protocol itself has failed, and could not tell.
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

/** Recordings take what we ask for; a verb of somebody else's may bring another format. */
function isAsAsked({ sampleRate, mixType = "mono" }: AudioMetadata): boolean {
  return sampleRate === 8000 && mixType === "mono";
}
