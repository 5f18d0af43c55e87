/**
 * Applications that break one rule of the audio socket.
 * @module
 */
import type { RuleName } from "../../simulators/rules.ts";
import { audioApplication, LISTEN, loud } from "./audio_application.ts";
import type { Behaviour, Connection, Message } from "./broken_peer.ts";

type AudioRule = Extract<RuleName, `audio.${string}`>;

const { bidirectionalAudio: _, ...ONE_WAY } = LISTEN;

/** Does this when the audio opens. */
function onAudio(opened: (connection: Connection) => void, listen: Message = LISTEN): Behaviour {
  return audioApplication({ verbs: [listen, { verb: "hangup" }], audio: { opened } });
}

/** Sends these after a minute of audio, so that no mark is due before the next arrives. */
function marks(...names: readonly string[]): Behaviour {
  return onAudio((connection) => {
    connection.say(loud(60_000));
    for (const name of names) connection.say({ type: "mark", data: { name } });
  });
}

/** An application for each rule of the audio socket, which breaks it. */
export const BROKEN_AUDIO: Readonly<Record<AudioRule, Behaviour>> = {
  "audio.subprotocol": audioApplication({
    verbs: [LISTEN, { verb: "hangup" }],
    audio: { echoesSubprotocol: false },
  }),
  "audio.auth": audioApplication({
    verbs: [
      { ...LISTEN, wsAuth: { username: "user", password: "p".repeat(90) } },
      { verb: "hangup" },
    ],
    audio: { opened: (connection) => connection.close(1000) },
  }),
  "audio.bidirectional": onAudio((connection) => connection.say(loud(20)), ONE_WAY),
  "audio.whole-samples": onAudio((connection) => connection.say(loud(20).slice(1))),
  "audio.marks": marks(...Array.from({ length: 31 }, (_, number) => `m${number}`)),
  "audio.mark-names": marks("a", "a"),
  "audio.commands": onAudio((connection) => {
    connection.say({ type: "stopAudio" });
    connection.say({
      type: "playAudio",
      data: { audioContent: "AAAA", audioContentType: "raw", sampleRate: 8000 },
    });
  }),
  "audio.close": onAudio((connection) => connection.close(1000)),
};
