/**
 * What prompts say, and how long they take to be heard.
 * @module
 */
import { CHARACTERS_PER_SECOND } from "./speech_stream.ts";

/** Files are not fetched: each counts as so long. */
const FILE_SECONDS = 3;

const APOLOGY = /\b(sorry|apolog\w*|unfortunately|went wrong|unavailable)\b/i;

/** How many seconds a say and a play, as verbs or nested in one, take together. */
export function spokenSeconds(say: unknown, play: unknown): number {
  return textOf(say).length / CHARACTERS_PER_SECOND + (play === undefined ? 0 : FILE_SECONDS);
}

/**
 * Whether jambonz can play a file: a host of the top-level domain `.invalid` (RFC 2606) cannot be
 * reached, and a path that ends in `/missing` is answered with 404.
 */
export function playOf(url: unknown): "plays" | "not found" | "unplayable" {
  const { hostname = "", pathname = "" } = URL.parse(String(url)) ?? {};
  if (hostname.endsWith(".invalid")) return "unplayable";
  return pathname.endsWith("/missing") ? "not found" : "plays";
}

/** The text of a say, whatever form it has. */
export function textOf(say: unknown): string {
  const text = (say as { text?: unknown } | undefined)?.text;
  return [text].flat().filter((item) => typeof item === "string").join(" ");
}

/** Whether this is all that a caller heard: that the call cannot be had. */
export function isApology(heard: readonly string[]): boolean {
  return heard.length === 1 && APOLOGY.test(heard[0]!);
}
