/**
 * Echoes the caller, and hangs up on #.
 * @module
 */
import type { Call } from "../calls/app.ts";

export default async function echo(call: Call): Promise<void> {
  call.answer();
  for await (const event of call) {
    if (event.kind === "audio") call.play(event.bytes);
    if (event.kind === "dtmf" && event.digit === "#") call.hangup();
  }
}
