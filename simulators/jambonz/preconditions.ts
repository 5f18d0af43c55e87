/**
 * The preconditions of verbs.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/session/call-session.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";

/**
 * `media` answers an unanswered call. jambonz skips a verb whose `answered` or `unanswered` is not
 * met, and only logs it.
 */
export type Precondition = "none" | "media" | "answered" | "unanswered";

const NONE: readonly string[] = ["pause", "tag", "redirect", "message", "leave"];
const ANSWERED: readonly string[] = ["hangup", "sip:refer", "sip:request"];
/** Members of a config that need media. */
const MEDIA_OF_CONFIG = ["boostAudioSignal", "amd"];

/** The precondition of a verb. */
export function preconditionOf(verb: Verb): Precondition {
  if (NONE.includes(verb.verb)) return "none";
  if (ANSWERED.includes(verb.verb)) return "answered";
  if (verb.verb === "sip:decline") return "unanswered";
  if (verb.verb === "config") return configNeedsMedia(verb) ? "media" : "none";
  // The call is answered when the other leg answers.
  if (verb["answerOnBridge"] === true) return "none";
  return verb["earlyMedia"] === true ? "none" : "media";
}

function configNeedsMedia(config: Verb): boolean {
  const is = (name: string, member: string) =>
    Boolean((config[name] as Readonly<Record<string, unknown>> | undefined)?.[member]);
  return is("bargeIn", "enable") || is("transcribe", "enable") || is("record", "action") ||
    is("listen", "url") || MEDIA_OF_CONFIG.some((name) => name in config);
}
