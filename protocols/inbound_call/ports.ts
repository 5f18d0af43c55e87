/**
 * What an inbound call needs from the world, and what it is told from inside the server.
 * @module
 */
import type { EndedBy, NewCall } from "../../calls/call_record.ts";
import type { AskNotice } from "../../calls/line.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { SayableDigit } from "./messages.ts";

/** Why a call has ended that its app has let ring for too long. */
export const UNANSWERED = "the app did not answer";

/** When the default behaviour does what, in milliseconds. Infinity is never. */
export interface Timeline {
  /** From `incoming_call` to our `answer`. */
  readonly answerAfterMs: number;
  /** From the answer to the tone. */
  readonly dtmfAfterMs: number;
  readonly dtmfDigit: SayableDigit;
  readonly dtmfDurationMs: number;
  /** From the answer to our `hangup`. */
  readonly hangupAfterMs: number;
  /** From the end of the call until we make up a CDR. */
  readonly cdrWaitMs: number;
  /** How long an app may let the call ring. */
  readonly appAnswersWithinMs: number;
  /** Whether the caller's audio goes back to the caller while the call is answered. */
  readonly echo: boolean;
}

/** The document's own timeline. */
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

/** What the protocol is told from inside the server. */
export type InboundCallNotice =
  | { readonly kind: "recorded" | "unrecorded" }
  /** It is recorded that the call is answered: now it may be. */
  | { readonly kind: "answer_recorded" }
  /** What became of the platform's CDR. */
  | { readonly kind: "cdr_recorded"; readonly persisted: boolean }
  | AskNotice
  | InboundAppNotice;

/** What the call's app asks for; it has begun when the call was recorded. */
export type InboundAppNotice =
  | { readonly kind: "app:answer" }
  /** The caller's own frame, to go back as it came: it is in real time already. */
  | { readonly kind: "app:pass_back"; readonly bytes: AudioBytes }
  /** The playout has something to send, or was interrupted: what is due goes out. */
  | { readonly kind: "app:play" }
  /** In words why; when what is played has been heard, or at once. */
  | { readonly kind: "app:hangup"; readonly why: string; readonly now: boolean };

/** An app that decides what the call does, in place of the timeline. Nothing here waits. */
export interface InboundApp {
  /** The call is recorded and rings. */
  begin(): void;
  /** What the caller says. */
  audio(bytes: AudioBytes): void;
  readonly playout: Playout;
}

/** Paces what the app plays. It has the clock, which the protocol has not. */
export interface Playout {
  /** Whether all that was given has been heard. */
  readonly idle: boolean;
  /** Drops what waits. */
  drop(): void;
  /** What goes out now, in this order, and when to ask again: undefined when nothing waits. */
  due(): {
    /** Whether the platform is to drop what it has: `interrupt` goes out first. */
    readonly interrupts: boolean;
    readonly frames: readonly AudioBytes[];
    readonly againInMs: number | undefined;
  };
}

/** What an inbound call needs from the world. Nothing here waits. */
export interface InboundCallPorts {
  readonly timeline: Timeline;
  /** The call's app, once it is recorded; the timeline is played where there is none. */
  readonly app?: InboundApp | undefined;
  /** An id for a call whose platform has given it none. */
  newSessionId(): string;
  /** Opens the call's record; the notice `recorded` follows, or `unrecorded`. */
  begin(call: NewCall): void;
  /** Records that the call is answered; the notice `answer_recorded` follows. */
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  ended(by: EndedBy, reason: string): void;
  /** The platform's CDR, as received; the notice `cdr_recorded` follows. */
  cdr(received: Readonly<Record<string, unknown>>): void;
  /** No CDR came: one is to be made up. */
  noCdr(): void;
}
