/**
 * The texts of prompts, and how long prompts take.
 * @module
 */
import { CHARACTERS_PER_SECOND } from "./speech_stream.ts";

/** The assumed duration of any file; the simulator fetches none. */
const FILE_SECONDS = 3;

const APOLOGY = /\b(sorry|apolog\w*|unfortunately|went wrong|unavailable)\b/i;

/** The seconds that a say and a play take together, as verbs or nested in one. */
export function spokenSeconds(say: unknown, play: unknown): number {
  return textOf(say).length / CHARACTERS_PER_SECOND + (play === undefined ? 0 : FILE_SECONDS);
}

/**
 * Whether the simulated server can play a file: a host below `.invalid` (RFC 2606) is unreachable,
 * and a path that ends in `/missing` gets 404.
 */
export function playOf(url: unknown): "plays" | "not found" | "unplayable" {
  const { hostname = "", pathname = "" } = URL.parse(String(url)) ?? {};
  if (hostname.endsWith(".invalid")) return "unplayable";
  return pathname.endsWith("/missing") ? "not found" : "plays";
}

/** The text of a say in any of its forms; empty without text. */
export function textOf(say: unknown): string {
  const text = (say as { text?: unknown } | undefined)?.text;
  return [text].flat().filter((item) => typeof item === "string").join(" ");
}

/** Whether the caller heard only an apology. */
export function isApology(heard: readonly string[]): boolean {
  return heard.length === 1 && APOLOGY.test(heard[0]!);
}
