/**
 * The app for barge-in: plays a prompt until a key stops it, and is silent for a while.
 * @module
 */
import type { Call } from "../calls/app.ts";

const PROMPT = new URL("../apps/prompts/offer.wav", import.meta.url);
/** Longer than the load waits before it looks for silence. */
const SILENT_MS = 300;

export default async function prompting(call: Call): Promise<void> {
  while (!call.ended) {
    await call.gather({ play: PROMPT, digits: 1 });
    await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
  }
}
