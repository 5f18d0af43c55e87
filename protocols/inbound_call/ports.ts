/**
 * The ports of an inbound call, and the notices that the server sends it.
 * @module
 */
import type { EndedBy, NewCall } from "../../calls/call_record.ts";
import type { AskNotice } from "../../calls/line.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { SayableDigit } from "./messages.ts";

/** The reason recorded for a call whose app let it ring too long. */
export const UNANSWERED = "the app did not answer";

/** The behaviour of a call without an app; times in milliseconds, Infinity is never. */
export interface Timeline {
  /** From `incoming_call` to our `answer`. */
  readonly answerAfterMs: number;
  /** From the answer to the tone. */
  readonly dtmfAfterMs: number;
  readonly dtmfDigit: SayableDigit;
  readonly dtmfDurationMs: number;
  /** From the answer to our `hangup`. */
  readonly hangupAfterMs: number;
  /** From the end of the call until we write our own CDR. */
  readonly cdrWaitMs: number;
  /** How long an app may let the call ring. */
  readonly appAnswersWithinMs: number;
  /** Whether to send the caller's audio back while the call is answered. */
  readonly echo: boolean;
}

/** The timeline of the protocol's document. */
export const DOCUMENT_TIMELINE: Timeline = {
  answerAfterMs: 0,
  dtmfAfterMs: 2000,
  dtmfDigit: "1",
  dtmfDurationMs: 200,
  hangupAfterMs: 10_000,
  cdrWaitMs: 10_000,
  appAnswersWithinMs: 30_000,
  echo: true,
};

/** The notices that the server sends the protocol. */
export type InboundCallNotice =
  | { readonly kind: "recorded" | "unrecorded" }
  /** The answer is on disk: it may be sent. */
  | { readonly kind: "answer_recorded" }
  /** Whether the platform's CDR is on disk. */
  | { readonly kind: "cdr_recorded"; readonly persisted: boolean }
  | AskNotice
  | InboundAppNotice;

/** The requests of the call's app. The app starts once the call is recorded. */
export type InboundAppNotice =
  | { readonly kind: "app:answer" }
  /** Echoes the caller's frame unchanged: it needs no pacing. */
  | { readonly kind: "app:pass_back"; readonly bytes: AudioBytes }
  /** The playout has something to send, or was interrupted: sends what is due. */
  | { readonly kind: "app:play" }
  /** Hangs up, `now` or when the playout has been heard; `why` is text. */
  | { readonly kind: "app:hangup"; readonly why: string; readonly now: boolean };

/** An app that replaces the timeline. Every method returns at once. */
export interface InboundApp {
  /** Starts the app: the call is recorded and rings. */
  begin(): void;
  /** Receives the caller's audio. */
  audio(bytes: AudioBytes): void;
  readonly playout: Playout;
}

/** Paces the app's audio: it has the clock that the protocol lacks. */
export interface Playout {
  /** Whether everything played has been heard. */
  readonly idle: boolean;
  /** Drops the queue. */
  drop(): void;
  /** What to send now, in order, and when to ask again; undefined when the queue is empty. */
  due(): {
    /** Whether to send `interrupt` first, so that the platform drops what it has queued. */
    readonly interrupts: boolean;
    readonly frames: readonly AudioBytes[];
    readonly againInMs: number | undefined;
  };
}

/** The ports of an inbound call. Every method returns at once. */
export interface InboundCallPorts {
  readonly timeline: Timeline;
  /** The call's app, once the call is recorded; undefined plays the timeline. */
  readonly app?: InboundApp | undefined;
  /** Creates an id for a call that has none. */
  newSessionId(): string;
  /** Opens the call's record; the notice `recorded` or `unrecorded` follows. */
  begin(call: NewCall): void;
  /** Records the answer; the notice `answer_recorded` follows. */
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  ended(by: EndedBy, reason: string): void;
  /** Records the platform's CDR as received; the notice `cdr_recorded` follows. */
  cdr(received: Readonly<Record<string, unknown>>): void;
  /** Records our own CDR: the platform sent none. */
  noCdr(): void;
}
