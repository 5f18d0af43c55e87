/**
 * How a call is ended: a feature server skips a `hangup` of a call that has not been answered, and a
 * `sip:decline` of one that has, and says a word of it only in its own log.
 * @module
 */
import type { Verb } from "./commands.ts";

/** Whether a call has been answered; `asked` when verbs that answer it are on their way. */
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
/** What a config is for that needs the call's audio. */
const AUDIO_OF_CONFIG = ["listen", "stream", "transcribe", "bargeIn", "record", "amd"];

/** These verbs, with a `sip:decline` where a `hangup` alone would be skipped. */
export function endable(
  verbs: readonly Verb[],
  before: Answered,
): { verbs: Verb[]; answered: Answered } {
  let answered = before;
  const sent = verbs.flatMap((verb) => {
    if (verb.verb === "hangup" && answered !== "yes") {
      const { headers } = verb;
      const decline: Verb = { ...DECLINE, ...(headers === undefined ? {} : { headers }) };
      // One of the two fits, and the other is skipped.
      return answered === "no" ? [decline] : [verb, decline];
    }
    if (answers(verb)) answered = "yes";
    else if (verb.verb === "dial" && answered === "no") answered = "asked";
    return [verb];
  });
  return { verbs: sent, answered };
}

/** What declines a call: RFC 3261 section 21.6.2. */
const DECLINE: Verb = { verb: "sip:decline", status: 603, reason: "Decline" };

function answers(verb: Verb): boolean {
  if (UNANSWERED.includes(verb.verb) || verb["earlyMedia"] === true) return false;
  if (verb.verb === "config") return AUDIO_OF_CONFIG.some((name) => verb[name] !== undefined);
  // The call is answered when the other leg is.
  return !(verb.verb === "dial" && verb["answerOnBridge"] === true);
}
