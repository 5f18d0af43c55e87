/**
 * What a jambonz server says to an application: what it waits for, and what it does not.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** A message that waits for an ack. */
export type RequestType =
  | "session:new"
  | "session:redirect"
  | "session:reconnect"
  | "dial:confirm"
  | "verb:hook";
/** A message that waits for nothing. */
export type NoticeType =
  | "call:status"
  | "verb:status"
  | "tts:tokens-result"
  | "tts:streaming-event"
  | "jambonz:error";

/** What an ack brought: verbs, or none; undefined where no good ack came. */
export type Acked = readonly Verb[] | undefined;
