/**
 * What a verb needs of its call before it can run.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/session/call-session.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";

/**
 * `media` answers a call that is not answered yet; `answered` and `unanswered` are skipped, with a
 * word in the server's log only, where the call is not so.
 */
export type Precondition = "none" | "media" | "answered" | "unanswered";

const NONE: readonly string[] = ["pause", "tag", "redirect", "message", "leave"];
const ANSWERED: readonly string[] = ["hangup", "sip:refer", "sip:request"];
/** A config needs media for these only. */
const MEDIA_OF_CONFIG = ["boostAudioSignal", "amd"];

/** What this verb needs. */
export function preconditionOf(verb: Verb): Precondition {
  if (NONE.includes(verb.verb)) return "none";
  if (ANSWERED.includes(verb.verb)) return "answered";
  if (verb.verb === "sip:decline") return "unanswered";
  if (verb.verb === "config") return configNeedsMedia(verb) ? "media" : "none";
  // It is answered when the other leg is.
  if (verb["answerOnBridge"] === true) return "none";
  return verb["earlyMedia"] === true ? "none" : "media";
}

function configNeedsMedia(config: Verb): boolean {
  const is = (name: string, member: string) =>
    Boolean((config[name] as Readonly<Record<string, unknown>> | undefined)?.[member]);
  return is("bargeIn", "enable") || is("transcribe", "enable") || is("record", "action") ||
    is("listen", "url") || MEDIA_OF_CONFIG.some((name) => name in config);
}
