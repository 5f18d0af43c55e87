/**
 * The sequence of the inbound document: answer, a tone after two seconds, echo, hang up after ten.
 * @module
 */
import type { Call } from "../calls/app.ts";

const TONE_AFTER_MS = 2000;
const HANGUP_AFTER_MS = 10_000;

export default async function timeline(call: Call): Promise<void> {
  call.answer();
  const tone = setTimeout(() => call.sendDigits("1", 200), TONE_AFTER_MS);
  const hangup = setTimeout(() => call.hangup(), HANGUP_AFTER_MS);
  for await (const event of call) {
    if (event.kind === "audio") call.play(event.bytes);
  }
  clearTimeout(tone);
  clearTimeout(hangup);
}
