/**
 * Screens a caller: asks who it is and why, so that a watcher reads it live, and then waits for the
 * watcher to join or to end the call.
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
  if (call.line === "jambonz") call.say("Thank you. Please hold the line.");
  const nobodyCame = setTimeout(() => {
    if (call.line === "jambonz") call.say("Sorry, nobody is free. Please call again later.");
    call.hangup();
  }, WAITS_MS);
  for await (const { kind } of call) {
    // Whoever joins is put through by the line; a watcher who ends the call hangs up.
    if (kind === "joined") break;
  }
  clearTimeout(nobodyCame);
}

/** What jambonz has recognised is in the transcript by itself; an inbound line listens over REST. */
async function ask(call: Call, question: string): Promise<string> {
  if (call.line === "inbound") {
    call.transcript("assistant", question);
    return (await call.gather({ digits: 0, speech: true })).speech;
  }
  return (await call.gather({ say: question, digits: 0, speech: true })).speech;
}
