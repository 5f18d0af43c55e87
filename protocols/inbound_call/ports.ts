/**
 * What an inbound call needs from the world, and what the server tells it.
 * @module
 */
import type { EndedBy, NewCall } from "../../calls/call_record.ts";
import type { AskNotice } from "../../calls/line.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { SayableDigit } from "./messages.ts";

/** Why a call ended whose app let it ring too long. */
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
  /** From the end of the call until we write a CDR of our own. */
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

/** What the server tells the protocol. */
export type InboundCallNotice =
  | { readonly kind: "recorded" | "unrecorded" }
  /** The answer is on disk: it may go out. */
  | { readonly kind: "answer_recorded" }
  /** Whether the platform's CDR is on disk. */
  | { readonly kind: "cdr_recorded"; readonly persisted: boolean }
  | AskNotice
  | InboundAppNotice;

/** What the call's app asks for. The app starts once the call is recorded. */
export type InboundAppNotice =
  | { readonly kind: "app:answer" }
  /** Echoes the caller's frame as it came: it needs no pacing. */
  | { readonly kind: "app:pass_back"; readonly bytes: AudioBytes }
  /** The playout got something to send, or was interrupted: sends what is due. */
  | { readonly kind: "app:play" }
  /** Hangs up, `now` or when the playout has been heard; `why` is in words. */
  | { readonly kind: "app:hangup"; readonly why: string; readonly now: boolean };

/** An app that replaces the timeline. Every method returns at once. */
export interface InboundApp {
  /** Starts the app: the call is recorded and rings. */
  begin(): void;
  /** Hears the caller. */
  audio(bytes: AudioBytes): void;
  readonly playout: Playout;
}

/** Paces what the app plays: it has the clock that the protocol lacks. */
export interface Playout {
  /** Whether everything played has been heard. */
  readonly idle: boolean;
  /** Drops everything that waits. */
  drop(): void;
  /** What to send now, in order, and when to ask again; undefined when nothing waits. */
  due(): {
    /** Whether to send `interrupt` first, so that the platform drops what it has queued. */
    readonly interrupts: boolean;
    readonly frames: readonly AudioBytes[];
    readonly againInMs: number | undefined;
  };
}

/** What an inbound call needs from the world. Every method returns at once. */
export interface InboundCallPorts {
  readonly timeline: Timeline;
  /** The call's app, once the call is recorded; undefined plays the timeline. */
  readonly app?: InboundApp | undefined;
  /** Makes an id for a call that came without one. */
  newSessionId(): string;
  /** Opens the call's record; the notice `recorded` or `unrecorded` follows. */
  begin(call: NewCall): void;
  /** Records the answer; the notice `answer_recorded` follows. */
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  ended(by: EndedBy, reason: string): void;
  /** Records the platform's CDR as received; the notice `cdr_recorded` follows. */
  cdr(received: Readonly<Record<string, unknown>>): void;
  /** Records a CDR of our own: none came. */
  noCdr(): void;
}
