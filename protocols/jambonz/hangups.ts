/**
 * Ends a call, answered or not. A feature server skips a `hangup` before the answer and a
 * `sip:decline` after it, and reports that only in its own log.
 * @module
 */
import type { Verb } from "./commands.ts";

/** Whether a call is answered; `asked` while verbs that answer it are in flight. */
export type Answered = "no" | "asked" | "yes";

/** Verbs that jambonz runs without answering the call. */
const UNANSWERED: readonly string[] = [
  "pause",
  "tag",
  "redirect",
  "message",
  "leave",
  "hangup",
  "sip:decline",
  "sip:refer",
  "sip:request",
];
/** Properties of a `config` that need the call's audio, and so answer the call. */
const AUDIO_OF_CONFIG = ["listen", "stream", "transcribe", "bargeIn", "record", "amd"];

/** Adds a `sip:decline` if jambonz would skip a `hangup`. */
export function endable(
  verbs: readonly Verb[],
  before: Answered,
): { verbs: Verb[]; answered: Answered } {
  let answered = before;
  const sent = verbs.flatMap((verb) => {
    if (verb.verb === "hangup" && answered !== "yes") {
      const { headers } = verb;
      const decline: Verb = { ...DECLINE, ...(headers === undefined ? {} : { headers }) };
      // jambonz runs the one that fits, and skips the other.
      return answered === "no" ? [decline] : [verb, decline];
    }
    if (answers(verb)) answered = "yes";
    else if (verb.verb === "dial" && answered === "no") answered = "asked";
    return [verb];
  });
  return { verbs: sent, answered };
}

/** Declines a call: RFC 3261 section 21.6.2. */
const DECLINE: Verb = { verb: "sip:decline", status: 603, reason: "Decline" };

function answers(verb: Verb): boolean {
  if (UNANSWERED.includes(verb.verb) || verb["earlyMedia"] === true) return false;
  if (verb.verb === "config") return AUDIO_OF_CONFIG.some((name) => verb[name] !== undefined);
  // With `answerOnBridge`, only the other leg's answer answers the call.
  return !(verb.verb === "dial" && verb["answerOnBridge"] === true);
}
