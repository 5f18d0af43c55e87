/**
 * One inbound call, from the platform's `incoming_call` to its CDR. By default it plays the
 * timeline of the protocol's document: answer, a tone, echo, hang up.
 * @module
 */
import type { EndedBy, NewCall } from "../../calls/call.ts";
import type { Ask } from "../../calls/line.ts";
import { Machine } from "../../session/machine.ts";
import {
  cancel,
  close,
  type Command,
  type Event,
  play,
  send,
  timer,
} from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import type { InboundCallWire, SayableDigit } from "./messages.ts";

/** Where an inbound call stands. `ended` still waits for the CDR. */
export type InboundCallState = "connected" | "ringing" | "answered" | "ended";

/** The moves of an inbound call. */
export const INBOUND_CALL_MOVES = {
  connected: ["ringing"],
  ringing: ["answered", "ended"],
  answered: ["ended"],
  ended: [],
} as const satisfies { [From in InboundCallState]: readonly InboundCallState[] };

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
  echo: true,
};

/** What the protocol is told from inside the server. */
export type InboundCallNotice =
  | { readonly kind: "recorded" }
  | { readonly kind: "unrecorded" }
  /** What became of the platform's CDR. */
  | { readonly kind: "cdr"; readonly kept: boolean }
  | { readonly kind: "ask"; readonly ask: Ask };

/** What an inbound call needs from the world. Nothing here waits. */
export interface InboundCallWorld {
  readonly timeline: Timeline;
  /** Opens the call's record; the notice `recorded` follows when it is kept. */
  begin(call: NewCall): void;
  answered(): void;
  dtmf(digit: string, from: "caller" | "us"): void;
  ended(by: EndedBy, reason: string): void;
  /** The platform's CDR, as received; the notice `cdr` follows. */
  cdr(received: Readonly<Record<string, unknown>>): void;
  /** No CDR came: one is to be made up. */
  noCdr(): void;
  /** Something came that has no meaning in this state: counted and logged, the call goes on. */
  oddity(what: string, state: InboundCallState): void;
}

/** The pause between two tones that a far end needs to tell them apart. */
const DIGIT_GAP_MS = 100;

type In = Event<Heard<InboundCallWire>, InboundCallNotice>;
type Out = Command<Said<InboundCallWire>>;

/** The protocol of the inbound call door. */
export async function* inboundCall(
  events: AsyncIterable<In>,
  world: InboundCallWorld,
): AsyncGenerator<Out, void, void> {
  const call = new InboundCall(world);
  for await (const event of events) {
    // Audio comes fifty times a second on every call, so it takes the shortest way.
    if (event.kind === "audio") {
      if (call.echoes) yield play(event.bytes);
      else call.dropAudio();
    } else yield* call.hear(event);
  }
}

class InboundCall {
  readonly #machine = new Machine<InboundCallState>(INBOUND_CALL_MOVES, "connected");
  readonly #world: InboundCallWorld;
  /** Tones that wait for the one before them to be over. */
  readonly #digits: { digit: SayableDigit; durationMs: number }[] = [];
  #digitsRunning = false;
  #cdrSeen = false;

  constructor(world: InboundCallWorld) {
    this.#world = world;
  }

  get echoes(): boolean {
    return this.#machine.state === "answered" && this.#world.timeline.echo;
  }

  dropAudio(): void {
    if (this.#machine.state !== "answered") this.#odd("audio");
  }

  *hear(event: Exclude<In, { kind: "audio" }>): Generator<Out, void, void> {
    switch (event.kind) {
      case "message":
        return yield* this.#hearMessage(event.message);
      case "notice":
        return yield* this.#hearNotice(event.notice);
      case "timeout":
        return yield* this.#hearTimeout(event.timer);
      case "malformed":
        return this.#odd(event.why);
      case "closed":
        return yield* this.#hearClosed(event.code);
    }
  }

  *#hearMessage(message: Heard<InboundCallWire>): Generator<Out, void, void> {
    const machine = this.#machine;
    switch (message.event) {
      case "incoming_call": {
        if (machine.state !== "connected") return this.#odd("incoming_call");
        yield machine.move("ringing");
        const { sessionId: platformId, callerId: from, didNumber: to } = message;
        return this.#world.begin({ line: "inbound", direction: "inbound", platformId, from, to });
      }
      case "dtmf":
        if (machine.state !== "answered") return this.#odd("dtmf");
        return this.#world.dtmf(message.digit, "caller");
      case "hangup":
        if (!machine.in("ringing", "answered")) {
          return machine.state === "ended" ? undefined : this.#odd("hangup");
        }
        return yield* this.#end("caller", "hangup");
      case "cdr":
        return yield* this.#hearCdr(message);
    }
  }

  *#hearCdr(cdr: Readonly<Record<string, unknown>>): Generator<Out, void, void> {
    if (this.#machine.state === "connected" || this.#cdrSeen) return this.#odd("cdr");
    // A CDR without a hangup says as well that the call is over.
    if (this.#machine.state !== "ended") yield* this.#end("caller", "cdr");
    this.#cdrSeen = true;
    yield cancel("cdr");
    this.#world.cdr(cdr);
  }

  *#hearNotice(notice: InboundCallNotice): Generator<Out, void, void> {
    const { timeline } = this.#world;
    switch (notice.kind) {
      case "recorded":
        if (this.#machine.state !== "ringing") return;
        if (timeline.answerAfterMs === 0) return yield* this.#answer();
        return yield timer("answer", timeline.answerAfterMs);
      case "unrecorded":
        // A call that cannot be recorded is not taken.
        if (this.#machine.state === "ringing") yield* this.#hangUp("us", "not recorded");
        return;
      case "cdr":
        // This close is the CDR's acknowledgement.
        return yield notice.kept ? close(1000, "the call is over") : close(1011, "no record");
      case "ask":
        return yield* this.#carryOut(notice.ask);
    }
  }

  *#carryOut(ask: Ask): Generator<Out, void, void> {
    if (!this.#machine.in("ringing", "answered")) return;
    switch (ask.kind) {
      case "end":
        return yield* this.#hangUp("watcher", "asked to end");
      case "interrupt":
        return yield send({ event: "interrupt" });
      case "digits":
        for (const digit of ask.digits) {
          this.#digits.push({ digit: digit as SayableDigit, durationMs: ask.durationMs });
        }
        return this.#digitsRunning ? undefined : yield* this.#nextDigit();
      case "join":
      case "redirect":
        return this.#odd(ask.kind);
    }
  }

  *#hearTimeout(name: string): Generator<Out, void, void> {
    const { dtmfDigit, dtmfDurationMs } = this.#world.timeline;
    switch (name) {
      case "answer":
        if (this.#machine.state === "ringing") yield* this.#answer();
        return;
      case "dtmf":
        return yield* this.#sendDigit(dtmfDigit, dtmfDurationMs);
      case "digits":
        return yield* this.#nextDigit();
      case "hangup":
        // It may have been due while the platform's own hangup was on its way to us.
        if (this.#machine.state === "answered") yield* this.#hangUp("us", "timeline");
        return;
      case "cdr":
        if (this.#machine.state !== "ended") return;
        this.#makeUpCdr();
        return yield close(1000, "no CDR came");
    }
  }

  *#hearClosed(code: number): Generator<Out, void, void> {
    if (this.#machine.in("ringing", "answered")) {
      yield this.#machine.move("ended");
      // 1005 is a close frame without a code: no accident either.
      const by = code === 1000 || code === 1005 ? "caller" : "lost";
      this.#world.ended(by, `socket closed with ${code}`);
    }
    if (this.#machine.state === "ended") this.#makeUpCdr();
  }

  *#answer(): Generator<Out, void, void> {
    const { dtmfAfterMs, hangupAfterMs } = this.#world.timeline;
    yield send({ event: "answer" });
    yield this.#machine.move("answered");
    this.#world.answered();
    yield timer("dtmf", dtmfAfterMs);
    yield timer("hangup", hangupAfterMs);
  }

  *#sendDigit(digit: SayableDigit, durationMs: number): Generator<Out, void, void> {
    if (this.#machine.state !== "answered") return this.#odd("send dtmf");
    yield send({ event: "dtmf", digit, duration: durationMs });
    this.#world.dtmf(digit, "us");
  }

  *#nextDigit(): Generator<Out, void, void> {
    const next = this.#digits.shift();
    this.#digitsRunning = next !== undefined;
    if (next === undefined) return;
    yield* this.#sendDigit(next.digit, next.durationMs);
    yield timer("digits", next.durationMs + DIGIT_GAP_MS);
  }

  *#hangUp(by: EndedBy, reason: string): Generator<Out, void, void> {
    yield send({ event: "hangup" });
    yield* this.#end(by, reason);
  }

  /** The socket stays open after the call: the CDR comes last. */
  *#end(by: EndedBy, reason: string): Generator<Out, void, void> {
    yield this.#machine.move("ended");
    for (const name of ["answer", "dtmf", "digits", "hangup"]) yield cancel(name);
    this.#world.ended(by, reason);
    yield timer("cdr", this.#world.timeline.cdrWaitMs);
  }

  #makeUpCdr(): void {
    if (this.#cdrSeen) return;
    this.#cdrSeen = true;
    this.#world.noCdr();
  }

  #odd(what: string): void {
    this.#world.oddity(what, this.#machine.state);
  }
}
