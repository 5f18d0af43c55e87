/**
 * What a jambonz audio socket needs from the world, and what the server tells it.
 * @module
 */
import type { AudioBytes } from "../../session/protocol.ts";
import type { AudioMetadata } from "./messages.ts";

/** What the server tells the protocol. */
export type JambonzAudioNotice =
  /** Echoes the caller's frame as it came: it needs no pacing. */
  | { readonly kind: "pass_back"; readonly bytes: AudioBytes }
  /** The playout got something to send, or was interrupted: sends what is due. */
  | { readonly kind: "play_out" }
  /** The call needs no more audio. */
  | { readonly kind: "disconnect" };

/** One step of what to send now. */
export type DueAudio =
  /** jambonz drops what it has buffered, with its marks: we have settled those already. */
  | { readonly kind: "interruption" }
  | { readonly kind: "frame"; readonly bytes: AudioBytes }
  | { readonly kind: "mark"; readonly name: string };

/** Paces what is played, and keeps its marks: it has the clock that the protocol lacks. */
export interface MarkedPlayout {
  /** What to send now, in order, and when to ask again; undefined when nothing waits. */
  due(): { readonly items: readonly DueAudio[]; readonly againInMs: number | undefined };
  /** jambonz has heard or cleared the audio up to this mark. */
  marked(name: string, event: "playout" | "cleared"): void;
}

/** The call whose audio this is. Every method returns at once. */
export interface CallAudio {
  readonly playout: MarkedPlayout;
  /** Hears the caller. */
  audio(bytes: AudioBytes): void;
  key(digit: string): void;
  /** The socket is gone; with 1000 where jambonz closed it on purpose. */
  closed(code: number): void;
}

/** What a jambonz audio socket needs from the world. */
export interface JambonzAudioPorts {
  /** Finds the call of the first frame; undefined when no app wants its audio. */
  begin(metadata: AudioMetadata): CallAudio | undefined;
}
