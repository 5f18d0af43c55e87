/**
 * jambonz applications that open a call's audio.
 * @module
 */
import type { Behaviour, Connection, Message } from "./broken_peer.ts";

/** A listen verb that may play audio. */
export const LISTEN = {
  verb: "listen",
  url: "/audio",
  passDtmf: true,
  bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 8000 },
} as const;

/** A background listen. */
export const CONFIG_LISTEN = {
  verb: "config",
  listen: { enable: true, ...withoutVerb(LISTEN) },
} as const;

/** How an application behaves. */
export interface AudioApplication {
  /** The first verbs. */
  readonly verbs: readonly Message[];
  /** How it behaves on the audio socket. */
  readonly audio: Behaviour;
  /** The verbs in the ack of each hook, by its name. */
  readonly hooks?: Readonly<Record<string, readonly Message[]>>;
  /** Called with every message of jambonz. */
  told?(message: Message, application: Connection): void;
}

/** Acks every message that needs it. */
export function audioApplication(
  { verbs, audio, hooks = {}, told }: AudioApplication,
): Behaviour {
  return {
    audio,
    heard(message, connection) {
      const { type, msgid, hook } = message;
      if (type === "session:new") connection.say({ type: "ack", msgid, data: verbs });
      else if (type === "session:reconnect") connection.say({ type: "ack", msgid });
      else if (type === "verb:hook" || type === "session:redirect") {
        connection.say({ type: "ack", msgid, data: hooks[String(hook)] ?? [] });
      }
      told?.(message, connection);
    },
  };
}

/** A command of an application. */
export function commandOf(command: string, data: unknown, queueCommand = false): Message {
  return { type: "command", command, queueCommand, data };
}

/** Loud audio of this length, without samples of -1, which mean marks. */
export function loud(ms: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int16Array(8 * ms).fill(2000).buffer);
}

function withoutVerb<V extends { readonly verb: string }>(
  { verb: _, ...rest }: V,
): Omit<V, "verb"> {
  return rest;
}
