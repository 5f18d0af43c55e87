/**
 * Screens a caller: asks who calls and why, which a watcher reads live, then waits for the watcher to
 * join or to end the call.
 * @module
 */
import type { Call } from "../calls/app.ts";

const WAITS_MS = 60_000;

export default async function screening(call: Call): Promise<void> {
  call.startScreening();
  const who = await ask(call, "Hello. Who is calling, please?");
  const why = await ask(call, "Thank you. What is it about?");
  if (call.ended) return;
  call.note("screened", { who, why });
  call.endScreening(`${who || "Somebody"} calls about: ${why || "nothing said"}`);
  call.prompt({ text: "Thank you. Please hold the line." });
  const nobodyCame = setTimeout(() => {
    call.prompt({ text: "Sorry, nobody is free. Please call again later." });
    call.hangup();
  }, WAITS_MS);
  for await (const { kind } of call) {
    // The line transfers the caller to the watcher. A watcher who ends the call hangs up.
    if (kind === "joined") break;
  }
  clearTimeout(nobodyCame);
}

/** jambonz recognises the words. On an inbound line a client posts them over REST. */
async function ask(call: Call, text: string): Promise<string> {
  const { speech } = await call.gather({ prompt: { text }, digits: 0, speech: true });
  return speech;
}
