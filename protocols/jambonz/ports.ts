/**
 * The ports of a jambonz session, and the notices that the server sends it.
 * @module
 */
import type { EndedBy, NewCall, Role } from "../../calls/call_record.ts";
import type { AskNotice } from "../../calls/line.ts";
import type { Command, Verb } from "./commands.ts";
import type { CallInfo } from "./messages.ts";

/** A message of jambonz that waits for verbs. */
export interface Question {
  readonly type:
    | "session:new"
    | "session:redirect"
    | "session:adulting"
    | "dial:confirm"
    | "verb:hook";
  /** The hook, as in the verb. */
  readonly hook: string | undefined;
  readonly data: CallInfo;
}

/** A message of jambonz that waits for no verbs. */
export interface News {
  readonly type: string;
  readonly hook: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The deadlines of a session, in milliseconds. */
export interface JambonzTimes {
  /** From session:new to an ack that asks the caller to wait; jambonz gives up after 5 s. */
  readonly sessionDeadlineMs: number;
  /** From verb:hook and the like to an ack without verbs. */
  readonly hookDeadlineMs: number;
  /** From the ack that asks the caller to wait until we give up on the app and end the call. */
  readonly giveUpMs: number;
  /** From the end of the call to our close: a last verb:hook may still come. */
  readonly lingerMs: number;
}

/** The default deadlines. */
export const DEFAULT_JAMBONZ_TIMES: JambonzTimes = {
  sessionDeadlineMs: 4000,
  hookDeadlineMs: 3000,
  giveUpMs: 30_000,
  lingerMs: 5000,
};

/** The line event that records whether a speech stream is open. */
export const TTS_STREAM = "tts stream";

/** The notices that the server sends the protocol. */
export type JambonzNotice =
  /** The call's record is open; `resumed` if the call had been given up as lost. */
  | { readonly kind: "recorded"; readonly resumed?: Resumed }
  /** The call cannot be recorded, so we refuse it. */
  | { readonly kind: "unrecorded" }
  /** The app's answer to this message. */
  | { readonly kind: "verbs"; readonly msgid: string; readonly verbs: readonly Verb[] }
  /** The app threw instead of answering. */
  | { readonly kind: "threw"; readonly msgid: string; readonly error: unknown }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "tokens"; readonly text: string }
  | { readonly kind: "flush" }
  | { readonly kind: "clear" }
  | AskNotice;

/** The state, in the record, of a call whose socket was lost. */
export interface Resumed {
  /** Whether our first ack was sent: the caller is greeted, and jambonz has the verbs. */
  readonly greeted: boolean;
  /** Whether the call had been answered. */
  readonly answered: boolean;
  /** Whether its speech stream was open. */
  readonly streaming: boolean;
}

/** The ports of a jambonz session. Every method returns at once. */
export interface JambonzPorts {
  readonly times: JambonzTimes;
  /** Opens the call's record; the notice `recorded` or `unrecorded` follows. */
  begin(call: NewCall): void;
  /** As `begin`, for a call that lost its socket: reopens its record if it was given up. */
  beginAgain(call: NewCall): void;
  /** Resumes the record of a call whose socket was lost; undefined when there is none. */
  resume(callSid: string): Resumed | undefined;
  /** Delivers the requests made of a resumed call meanwhile, and all that follow. */
  takeAsks(): void;
  /** Lets the app of a resumed call continue: its caller was greeted before. */
  goOn(): void;
  /** The id of the record with this call_sid, for child legs. */
  callIdOf(callSid: string): string | undefined;
  /**
   * Asks the app. The notice `verbs` or `threw` follows once everything recorded before is on
   * disk, which the ack confirms.
   */
  question(question: Question, msgid: string): void;
  /** The notice `verbs`, without verbs, follows once everything recorded before is on disk. */
  keep(msgid: string): void;
  /** Passes a message to the app. */
  tell(news: News): void;
  /** Reports the app's mistake to the app and the log. */
  fault(detail: string, error?: unknown): void;
  /**
   * Warns, once for each name, of a verb or command newer than the verb specifications: an older
   * server refuses or ignores it.
   */
  newer(kind: "verb" | "command", name: string): void;
  /** Records that the caller is greeted: the first ack is sent. */
  greeted(): void;
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  transcript(role: Role, msg: string): void;
  /** Records that a join ended the screening, unless it was over before. */
  screeningEnded(msg: string): void;
  lineEvent(type: string, data: Readonly<Record<string, unknown>>): void;
  ended(by: EndedBy, reason: string): void;
  /** Records that the socket was lost; jambonz will reconnect. */
  lost(code: number): void;
}
