/**
 * Applications of a jambonz server that ask for a call's audio.
 * @module
 */
import type { Behaviour, Message, Visitor } from "./broken_peer.ts";

/** Asks for audio, and may play some. */
export const LISTEN = {
  verb: "listen",
  url: "/audio",
  passDtmf: true,
  bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 8000 },
} as const;

/** The same in the background. */
export const CONFIG_LISTEN = {
  verb: "config",
  listen: { enable: true, ...withoutVerb(LISTEN) },
} as const;

/** What an application does on its own socket. */
export interface AudioApplication {
  /** The first verbs. */
  readonly verbs: readonly Message[];
  /** What it does with the audio. */
  readonly audio: Behaviour;
  /** The verbs after each hook, by its name. */
  readonly hooks?: Readonly<Record<string, readonly Message[]>>;
  /** Hears everything that jambonz tells and asks. */
  told?(message: Message, application: Visitor): void;
}

/** Acks everything that asks for it. */
export function audioApplication(
  { verbs, audio, hooks = {}, told }: AudioApplication,
): Behaviour {
  return {
    audio,
    heard(message, visitor) {
      const { type, msgid, hook } = message;
      if (type === "session:new") visitor.say({ type: "ack", msgid, data: verbs });
      else if (type === "session:reconnect") visitor.say({ type: "ack", msgid });
      else if (type === "verb:hook" || type === "session:redirect") {
        visitor.say({ type: "ack", msgid, data: hooks[String(hook)] ?? [] });
      }
      told?.(message, visitor);
    },
  };
}

/** A command as an application says it. */
export function commandOf(command: string, data: unknown, queueCommand = false): Message {
  return { type: "command", command, queueCommand, data };
}

/** So much audio that is no silence, and has no sample that stands for a mark. */
export function loud(ms: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int16Array(8 * ms).fill(2000).buffer);
}

function withoutVerb<V extends { readonly verb: string }>(
  { verb: _, ...rest }: V,
): Omit<V, "verb"> {
  return rest;
}
