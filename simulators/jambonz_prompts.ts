/**
 * How long prompts take to be heard.
 * @module
 */
import { CHARACTERS_PER_SECOND } from "./jambonz_speech.ts";

/** Files are not fetched: each counts as so long. */
const FILE_SECONDS = 3;

/** How many seconds a say and a play, as verbs or nested in one, take together. */
export function spokenSeconds(say: unknown, play: unknown): number {
  return textOf(say).length / CHARACTERS_PER_SECOND + (play === undefined ? 0 : FILE_SECONDS);
}

/** The text of a say, whatever form it has. */
export function textOf(say: unknown): string {
  const text = (say as { text?: unknown } | undefined)?.text;
  return [text].flat().filter((item) => typeof item === "string").join(" ");
}
