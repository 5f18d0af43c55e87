/**
 * What a jambonz audio socket needs from the world, and what it is told from inside the server.
 * @module
 */
import type { AudioBytes } from "../../session/protocol.ts";
import type { AudioMetadata } from "./messages.ts";

/** What the protocol is told from inside the server. */
export type JambonzAudioNotice =
  /** The caller's own frame, to go back as it came: it is in real time already. */
  | { readonly kind: "pass_back"; readonly bytes: AudioBytes }
  /** The playout has been given something, or was interrupted: what is due goes out. */
  | { readonly kind: "play_out" }
  /** The call needs no audio any more. */
  | { readonly kind: "disconnect" };

/** What goes out now, in this order. */
export type DueAudio =
  /** What is buffered there is dropped, and its marks with it: they are settled here already. */
  | { readonly kind: "interruption" }
  | { readonly kind: "frame"; readonly bytes: AudioBytes }
  | { readonly kind: "mark"; readonly name: string };

/** Paces what is played, and keeps its marks. It has the clock that the protocol has not. */
export interface MarkedPlayout {
  /** What goes out now, and in how long to ask again: undefined when nothing waits. */
  due(): { readonly items: readonly DueAudio[]; readonly againInMs: number | undefined };
  /** jambonz has told what has become of a mark. */
  marked(name: string, event: "playout" | "cleared"): void;
}

/** The call whose audio this is. Nothing here waits. */
export interface CallAudio {
  readonly playout: MarkedPlayout;
  /** What the caller says, as it came. */
  audio(bytes: AudioBytes): void;
  key(digit: string): void;
  /** The socket is gone; 1000 where jambonz wanted that. */
  closed(code: number): void;
}

/** What a jambonz audio socket needs from the world. */
export interface JambonzAudioPorts {
  /** The call of the first frame; undefined when no app of such a call wants its audio. */
  begin(metadata: AudioMetadata): CallAudio | undefined;
}
