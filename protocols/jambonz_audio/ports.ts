/**
 * The ports of a jambonz audio socket, and the notices that the server sends it.
 * @module
 */
import type { AudioBytes } from "../../session/protocol.ts";
import type { AudioMetadata } from "./messages.ts";

/** The notices that the server sends the protocol. */
export type JambonzAudioNotice =
  /** Echoes the caller's frame unchanged: it needs no pacing. */
  | { readonly kind: "pass_back"; readonly bytes: AudioBytes }
  /** The playout has something to send, or was interrupted: sends what is due. */
  | { readonly kind: "play_out" }
  /** The call needs no more audio. */
  | { readonly kind: "disconnect" };

/** One step of what to send now. */
export type DueAudio =
  /** jambonz drops its buffer, with its marks: we have settled those already. */
  | { readonly kind: "interruption" }
  | { readonly kind: "frame"; readonly bytes: AudioBytes }
  | { readonly kind: "mark"; readonly name: string };

/** Paces audio, and keeps its marks: it has the clock that the protocol lacks. */
export interface MarkedPlayout {
  /** What to send now, in order, and when to ask again; undefined when the queue is empty. */
  due(): { readonly items: readonly DueAudio[]; readonly againInMs: number | undefined };
  /** jambonz has heard or cleared the audio up to this mark. */
  marked(name: string, event: "playout" | "cleared"): void;
}

/** The call that the audio belongs to. Every method returns at once. */
export interface CallAudio {
  readonly playout: MarkedPlayout;
  /** Receives the caller's audio. */
  audio(bytes: AudioBytes): void;
  key(digit: string): void;
  /** The socket is closed; with 1000 if jambonz closed it on purpose. */
  closed(code: number): void;
}

/** The ports of a jambonz audio socket. */
export interface JambonzAudioPorts {
  /** Finds the call of the first frame; undefined when no app wants its audio. */
  begin(metadata: AudioMetadata): CallAudio | undefined;
}
