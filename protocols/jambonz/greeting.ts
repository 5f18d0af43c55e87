/**
 * The application of a call for which none is set: it greets, repeats what it hears, and hangs up
 * on 9.
 * @module
 */
import type { Application, Question } from "./application.ts";
import type { Verb } from "./commands.ts";
import { bestTranscript } from "./transcripts.ts";

const HOOK = "/gathered";
/** After so many silences in a row there is nobody there. */
const SILENCES = 3;

/** Greets, gathers digits or speech, repeats, and hangs up on 9 or after three silences. */
export const greeting: Application = {
  answer(question) {
    switch (question.type) {
      case "session:new":
      case "session:redirect":
      case "session:adulting":
        return gather(
          "Hello, this is Tipring. Say something, or press a key. Press 9 to hang up.",
          0,
        );
      case "dial:confirm":
        return [];
      case "verb:hook":
        return afterHook(question);
    }
  },
};

function afterHook({ hook, data }: Question): Verb[] {
  if (hook === undefined || !hook.startsWith(HOOK)) return [];
  const digits = typeof data["digits"] === "string" ? data["digits"] : "";
  if (digits.includes("9")) return goodbye("Goodbye.");
  if (digits !== "") return gather(`You pressed ${[...digits].join(" ")}.`, 0);
  const speech = bestTranscript(data["speech"]);
  if (speech !== undefined) return gather(`You said: ${speech}.`, 0);
  const silences = Number(new URLSearchParams(hook.split("?")[1]).get("silences") ?? 0) + 1;
  if (silences >= SILENCES) return goodbye("I hear nothing. Goodbye.");
  return gather("I did not hear anything. Please say something, or press a key.", silences);
}

function gather(text: string, silences: number): Verb[] {
  return [{
    verb: "gather",
    input: ["digits", "speech"],
    numDigits: 1,
    timeout: 10,
    bargein: true,
    dtmfBargein: true,
    actionHook: silences === 0 ? HOOK : `${HOOK}?silences=${silences}`,
    say: { text },
  }];
}

function goodbye(text: string): Verb[] {
  return [{ verb: "say", text }, { verb: "hangup" }];
}
