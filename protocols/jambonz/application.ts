/**
 * The application behind the jambonz door: what it is asked, what it is told, what it can do.
 * @module
 */
import type { CallRecord } from "../../calls/call_record.ts";
import type { Ask } from "../../calls/line.ts";
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

/** What an application can do with its call at any time, beside answering. */
export interface JambonzCall {
  /** The call's id, also when it is over. */
  readonly id: string;
  /** The path that jambonz has come to. */
  readonly path: string;
  readonly call: CallRecord;
  /** Where jambonz finds our socket for this call's audio, and the password of it, if it needs one. */
  readonly audio: { readonly url: string; readonly key: string | undefined };
  /** Sends a command; verbs in it are checked first. */
  command(command: Command): void;
  /** Asks something of the line, as watchers and REST do. */
  ask(ask: Ask): void;
  /** Speaks text as it is written, by TTS streaming: queued while jambonz is busy. */
  tokens(text: string): void;
  /** What has been given so far is to be spoken now. */
  flush(): void;
  /** Forgets what waits to be spoken. */
  clear(): void;
}

/** Something that an application did wrong. Its call goes on as well as it can. */
export interface ApplicationFault {
  /** What went wrong: `Cannot send ack to verb:hook: say: unknown property txt`. */
  readonly detail: string;
  readonly error?: unknown;
}

/** Decides what jambonz does with a call. */
export interface Application {
  /** Answers a question; may take its time, the session does not wait for it. */
  answer(question: Question, call: JambonzCall): readonly Verb[] | Promise<readonly Verb[]>;
  /** Hears that its call has a line: its first, or another one after a loss. */
  attached?(call: JambonzCall): void;
  /**
   * Hears that its call is back and that jambonz asks nothing. An application that a restart has
   * interrupted goes on by itself here: no hook comes where no verb runs.
   */
  resumed?(call: JambonzCall): void;
  /** Hears that somebody else has put verbs in place of its own. */
  replaced?(call: JambonzCall): void;
  /** Hears of everything else. */
  tell?(news: News, call: JambonzCall): void;
  /** Hears of its own mistakes. */
  fault?(fault: ApplicationFault, call: JambonzCall): void;
}
