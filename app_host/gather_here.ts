/**
 * A `gather` and its prompt as one line takes them.
 * @module
 */
import type { AudioData, GatherOptions } from "../calls/app.ts";

/** How a line renders a prompt: speech, audio, or neither. */
export type Voice = Pick<GatherOptions, "say" | "play">;

/** The options of a `gather`, with its prompt resolved for the line. */
export type GatherHere = Omit<GatherOptions, "prompt" | "play"> & {
  readonly play?: string | URL | AudioData;
};
