/**
 * The state table of a jambonz call's audio socket.
 * @module
 */
import { type EventsOf, IGNORED, ignoring, staying, type Table } from "../../session/machine.ts";
import type { AudioMetadata, JambonzAudioWire } from "./messages.ts";
import type { JambonzAudioNotice } from "./ports.ts";

/** The states of an audio socket. */
export type JambonzAudioState =
  /** The socket is open; its first frame has not arrived. */
  | "connected"
  | "streaming"
  /** We have sent `disconnect`; jambonz closes the socket. */
  | "ending"
  | "over";

/** The events of an audio socket: jambonz's messages by their names, and ours. */
export type JambonzAudioEvents =
  & EventsOf<JambonzAudioWire, JambonzAudioNotice, "metadata" | "playout" | "close">
  & { readonly metadata: AudioMetadata };

/** The table of an audio socket. */
export const JAMBONZ_AUDIO = {
  connected: {
    opened: "connected",
    // The call may be unknown, or its app may want no audio.
    metadata: ["streaming", "over"],
    "timeout:metadata": "over",
    closed: "over",
  },
  streaming: {
    ...staying("streaming", "audio", "mark", "dtmf", "pass_back", "play_out", "timeout:playout"),
    disconnect: "ending",
    "timeout:metadata": IGNORED,
    closed: "over",
  },
  ending: {
    // In flight when we sent `disconnect`.
    ...ignoring("audio", "mark", "dtmf", "playDone"),
    ...ignoring("pass_back", "play_out", "disconnect", "timeout:playout"),
    "timeout:close": "over",
    closed: "over",
  },
  over: {},
} as const satisfies Table<JambonzAudioState, keyof JambonzAudioEvents>;
