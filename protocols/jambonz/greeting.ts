/**
 * The application of a call for which none is set: it greets, repeats what it hears, and hangs up
 * on 9.
 * @module
 */
import type { Application, Question } from "./application.ts";
import { replaceBy, type Verb } from "./commands.ts";
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
  resumed(call) {
    // Behind a gather that may still run: what its hook is answered with replaces this.
    const verbs = gather("Are you still there? Please say something, or press a key.", 0);
    call.command({ ...replaceBy(verbs), queueCommand: true });
  },
  tell({ type, data }, call) {
    // Without a recogniser no hook comes, and nobody would ever speak again.
    if (type !== "jambonz:error" || data["verb"] !== "gather") return;
    if (data["failover"] === "in progress") return;
    call.command(replaceBy(gatherKeys("I can hear keys only. Press 9 to hang up.", 0)));
  },
};

function afterHook({ hook, data }: Question): Verb[] {
  if (hook === undefined || !hook.startsWith(HOOK)) return [];
  const { searchParams } = new URL(hook, "hook://tipring");
  const ask = searchParams.get("by") === "keys" || data["reason"] === "error" ? gatherKeys : gather;
  const digits = typeof data["digits"] === "string" ? data["digits"] : "";
  if (digits.includes("9")) return goodbye("Goodbye.");
  if (digits !== "") return ask(`You pressed ${[...digits].join(" ")}.`, 0);
  const speech = bestTranscript(data["speech"]);
  if (speech !== undefined) return ask(`You said: ${speech}.`, 0);
  const silences = Number(searchParams.get("silences") ?? 0) + 1;
  if (silences >= SILENCES) return goodbye("I hear nothing. Goodbye.");
  return ask("I did not hear anything. Please say something, or press a key.", silences);
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

/** As `gather`, where there is no recogniser. */
function gatherKeys(text: string, silences: number): Verb[] {
  return gather(text, silences).map((verb) => ({
    ...verb,
    input: ["digits"],
    actionHook: `${HOOK}?by=keys&silences=${silences}`,
  }));
}

function goodbye(text: string): Verb[] {
  return [{ verb: "say", text }, { verb: "hangup" }];
}
