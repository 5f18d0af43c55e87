/**
 * Greets, repeats its input, and hangs up on 9 or after three silences. The default app of jambonz
 * calls.
 * @module
 */
import type { Call } from "../calls/app.ts";

const SILENCES = 3;

export default async function greeting(call: Call): Promise<void> {
  let text: string | undefined = call.resumed
    ? "Are you still there? Please say something, or press a key."
    : "Hello, this is Tipring. Say something, or press a key. Press 9 to hang up.";
  let canRecognise = true;
  let silences = 0;
  while (silences < SILENCES) {
    // One name for all gathers: an answer from before a restart still counts.
    const { by, digits, speech } = await call.gather({
      name: "greeting",
      ...(text === undefined ? {} : { prompt: { text } }),
      digits: 1,
      finishOn: "",
      speech: canRecognise,
    });
    if (by === "ended" || by === "joined") return;
    if (by === "interrupted") {
      // A watcher or operator interrupted the prompt: only listen.
      text = undefined;
      continue;
    }
    if (digits.includes("9")) return goodbye(call, "Goodbye.");
    silences = digits === "" && speech === "" ? silences + 1 : 0;
    if (by === "error" && canRecognise) {
      canRecognise = false;
      silences = 0;
      text = "I can hear keys only. Press 9 to hang up.";
    } else if (digits !== "") text = `You pressed ${[...digits].join(" ")}.`;
    else if (speech !== "") text = `You said: ${speech}.`;
    else text = "I did not hear anything. Please say something, or press a key.";
  }
  goodbye(call, "I hear nothing. Goodbye.");
}

function goodbye(call: Call, text: string): void {
  call.prompt({ text });
  call.hangup();
}
