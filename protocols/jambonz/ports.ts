/**
 * What a jambonz session needs from the world, and what it is told from inside the server.
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
  /** The hook as the verb named it. */
  readonly hook: string | undefined;
  readonly data: CallInfo;
}

/** A message of jambonz that waits for nothing. */
export interface News {
  readonly type: string;
  readonly hook: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** How long the session waits for what, in milliseconds. */
export interface JambonzTimes {
  /** From session:new to an ack with the polite default; jambonz gives up after 5 s. */
  readonly sessionDeadlineMs: number;
  /** From verb:hook and the like to an empty ack. */
  readonly hookDeadlineMs: number;
  /** From the polite default until the application is given up and the call ended. */
  readonly giveUpMs: number;
  /** From the end of the call to our close: a last verb:hook may still come. */
  readonly lingerMs: number;
}

/** What holds where the settings say nothing else. */
export const DEFAULT_JAMBONZ_TIMES: JambonzTimes = {
  sessionDeadlineMs: 4000,
  hookDeadlineMs: 3000,
  giveUpMs: 30_000,
  lingerMs: 5000,
};

/** The line event that says in the record whether a speech stream is open. */
export const TTS_STREAM = "tts stream";

/** What the protocol is told from inside the server. */
export type JambonzNotice =
  /** The call's record is open: a new one, or that of a call which had been given up as lost. */
  | { readonly kind: "recorded"; readonly resumed?: Resumed }
  /** The call cannot be recorded, so it is not taken. */
  | { readonly kind: "unrecorded" }
  /** The app's answer to the question of this message. */
  | { readonly kind: "verbs"; readonly msgid: string; readonly verbs: readonly Verb[] }
  /** The app's call threw instead of answering. */
  | { readonly kind: "threw"; readonly msgid: string; readonly error: unknown }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "tokens"; readonly text: string }
  | { readonly kind: "flush" }
  | { readonly kind: "clear" }
  | AskNotice;

/** What is known of a call whose socket was lost. */
export interface Resumed {
  /** Whether our first ack went out: then the verbs are there and the caller has been greeted. */
  readonly greeted: boolean;
  /** Whether the call had been answered. */
  readonly answered: boolean;
  /** Whether its speech stream was open. */
  readonly streaming: boolean;
}

/** What a jambonz session needs from the world. Nothing here waits. */
export interface JambonzPorts {
  readonly times: JambonzTimes;
  /** Opens the call's record; the notice `recorded` follows when it is kept. */
  begin(call: NewCall): void;
  /** As `begin`, for a call that has lost its socket: it may have been given up before it came back. */
  beginAgain(call: NewCall): void;
  /** Takes up the record of a call whose socket was lost; undefined when there is none. */
  resume(callSid: string): Resumed | undefined;
  /** The call that was resumed takes what was asked of it meanwhile, and all that follows. */
  takeAsks(): void;
  /** The call is back, and its caller was greeted before: the app goes on by itself. */
  goOn(): void;
  /** The id of the call's record that goes by this call_sid, for child legs. */
  callIdOf(callSid: string): string | undefined;
  /**
   * Puts a question to the app; the notice `verbs` or `threw` follows when all that was
   * recorded before is kept, so that an ack says that it is on disk.
   */
  question(question: Question, msgid: string): void;
  /** The notice `verbs`, with none, follows when all that was recorded before is kept. */
  keep(msgid: string): void;
  /** Tells the app. */
  tell(news: News): void;
  /** Tells the app of its own mistake. */
  fault(detail: string, error?: unknown): void;
  /**
   * What goes out is known only to jambonz servers newer than the verb specifications: a warning,
   * once for each name. An older server refuses or ignores it.
   */
  newer(kind: "verb" | "command", name: string): void;
  /** The first ack goes out: the caller is greeted. */
  greeted(): void;
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  transcript(role: Role, msg: string): void;
  /** A join has been carried out: the screening is over, unless it was before. */
  screeningEnded(msg: string): void;
  lineEvent(type: string, data: Readonly<Record<string, unknown>>): void;
  ended(by: EndedBy, reason: string): void;
  /** The socket was lost and jambonz will be back. */
  lost(code: number): void;
}
