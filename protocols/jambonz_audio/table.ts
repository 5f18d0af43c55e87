/**
 * The audio socket of a jambonz call as a table: which event leads where.
 * @module
 */
import type { z } from "zod";
import { IGNORED, type Table } from "../../session/machine.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { AudioDtmf, AudioMetadata, MarkHeard } from "./messages.ts";

/** Where an audio socket stands. */
export type JambonzAudioState =
  /** The socket is open; its first frame has not come. */
  | "connected"
  | "streaming"
  /** We have said `disconnect`; jambonz closes the socket. */
  | "ending"
  | "over";

/** What happens on an audio socket: jambonz's messages by their names, and ours. */
export interface JambonzAudioEvents {
  opened: unknown;
  metadata: AudioMetadata;
  audio: AudioBytes;
  mark: z.output<typeof MarkHeard>;
  dtmf: z.output<typeof AudioDtmf>;
  playDone: unknown;
  pass_back: { readonly bytes: AudioBytes };
  play_out: unknown;
  disconnect: unknown;
  "timeout:metadata": unknown;
  "timeout:playout": unknown;
  "timeout:close": unknown;
  closed: { readonly code: number };
}

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
    audio: "streaming",
    mark: "streaming",
    dtmf: "streaming",
    pass_back: "streaming",
    play_out: "streaming",
    disconnect: "ending",
    "timeout:metadata": IGNORED,
    "timeout:playout": "streaming",
    closed: "over",
  },
  ending: {
    // On their way when we said `disconnect`.
    audio: IGNORED,
    mark: IGNORED,
    dtmf: IGNORED,
    playDone: IGNORED,
    pass_back: IGNORED,
    play_out: IGNORED,
    disconnect: IGNORED,
    "timeout:playout": IGNORED,
    "timeout:close": "over",
    closed: "over",
  },
  over: {},
} as const satisfies Table<JambonzAudioState, keyof JambonzAudioEvents>;
