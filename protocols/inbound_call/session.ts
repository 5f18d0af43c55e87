/**
 * One inbound call, from the platform's `incoming_call` to its CDR. What it does is its app's
 * affair; without one it plays the timeline of the protocol's document: answer, a tone, echo, hang up.
 * @module
 */
import type { EndedBy } from "../../calls/call_record.ts";
import type { Ask } from "../../calls/line.ts";
import { Machine } from "../../session/machine.ts";
import {
  type AudioBytes,
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
import {
  type InboundApp,
  type InboundAppNotice,
  type InboundCallNotice,
  type InboundCallPorts,
  type InboundCallState,
  UNANSWERED,
} from "./ports.ts";

/** The moves of an inbound call. */
export const INBOUND_CALL_MOVES = {
  connected: ["ringing"],
  ringing: ["answered", "ended"],
  answered: ["ended"],
  ended: [],
} as const satisfies { [From in InboundCallState]: readonly InboundCallState[] };

/** The pause between two tones that a far end needs to tell them apart. */
const DIGIT_GAP_MS = 100;

type In = Event<Heard<InboundCallWire>, InboundCallNotice>;
type Out = Command<Said<InboundCallWire>>;

/** The protocol of the inbound call door. */
export async function* inboundCall(
  events: AsyncIterable<In>,
  ports: InboundCallPorts,
): AsyncGenerator<Out, void, void> {
  const call = new InboundCall(ports);
  for await (const event of events) {
    // Audio comes fifty times a second on every call, so it takes the shortest way.
    if (event.kind === "audio") {
      if (call.echoes) yield play(event.bytes);
      else call.hearAudio(event.bytes);
    } else if (event.kind === "notice" && event.notice.kind === "pass back") {
      if (call.passesBack) yield play(event.notice.bytes);
    } else yield* call.hear(event);
  }
}

class InboundCall {
  readonly #machine = new Machine<InboundCallState>(INBOUND_CALL_MOVES, "connected");
  readonly #ports: InboundCallPorts;
  /** Tones that wait for the one before them to be over. */
  readonly #digits: { digit: SayableDigit; durationMs: number }[] = [];
  #digitsRunning = false;
  #answering = false;
  /** What was asked behind an answer that is still being recorded. */
  readonly #held: InboundCallNotice[] = [];
  #cdrSeen = false;
  /** What decides about the call from its record on; undefined for the timeline. */
  #app: InboundApp | undefined;
  /** Why the app wants to hang up when what is played has been heard. */
  #hangUpWhenHeard: string | undefined;

  constructor(ports: InboundCallPorts) {
    this.#ports = ports;
  }

  get echoes(): boolean {
    return this.#app === undefined && this.#machine.state === "answered" &&
      this.#ports.timeline.echo;
  }

  get passesBack(): boolean {
    return this.#machine.state === "answered";
  }

  hearAudio(bytes: AudioBytes): void {
    if (this.#machine.state !== "answered") this.#odd("audio");
    else this.#app?.audio(bytes);
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
        return this.#odd(event.why, event.fields);
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
        const { sessionId, callerId: from, didNumber: to } = message;
        const platformId = sessionId ?? this.#ports.newSessionId();
        return this.#ports.begin({ line: "inbound", direction: "inbound", platformId, from, to });
      }
      case "dtmf":
        if (machine.state !== "answered") return this.#odd("dtmf");
        return this.#ports.dtmf(message.digit, "caller");
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
    this.#ports.cdr(cdr);
  }

  *#hearNotice(notice: InboundCallNotice): Generator<Out, void, void> {
    if (this.#mustWait(notice)) return void this.#held.push(notice);
    const { timeline } = this.#ports;
    switch (notice.kind) {
      case "recorded":
        if (this.#machine.state !== "ringing") return;
        this.#app = this.#ports.app;
        if (this.#app !== undefined) {
          this.#app.begin();
          return yield timer("unanswered", timeline.appAnswersWithinMs);
        }
        if (timeline.answerAfterMs === 0) return this.#recordAnswer();
        return yield timer("answer", timeline.answerAfterMs);
      case "answered":
        if (this.#machine.state === "ringing") yield* this.#answer();
        for (const held of this.#held.splice(0)) yield* this.#hearNotice(held);
        return;
      case "unrecorded":
        // A call that cannot be recorded is not taken.
        if (this.#machine.state === "ringing") yield* this.#hangUp("us", "not recorded");
        return;
      case "cdr":
        // This close is the CDR's acknowledgement.
        return yield notice.kept ? close(1000, "the call is over") : close(1011, "no record");
      case "ask":
        return yield* this.#carryOut(notice.ask);
      default:
        return yield* this.#hearApp(notice);
    }
  }

  *#hearApp(notice: InboundAppNotice): Generator<Out, void, void> {
    if (!this.#machine.in("ringing", "answered")) return;
    switch (notice.kind) {
      case "answer":
        return this.#recordAnswer();
      case "play":
        return yield* this.#playOut();
      case "hangup":
        if (notice.now || this.#app?.playout.idle !== false) {
          return yield* this.#hangUp("us", notice.why);
        }
        this.#hangUpWhenHeard = notice.why;
    }
  }

  *#playOut(): Generator<Out, void, void> {
    if (this.#app === undefined || this.#machine.state !== "answered") return;
    const { interrupts, frames, againInMs } = this.#app.playout.due();
    if (interrupts) yield send({ event: "interrupt" });
    for (const frame of frames) yield play(frame);
    if (againInMs !== undefined) return yield timer("playout", againInMs);
    const why = this.#hangUpWhenHeard;
    if (why !== undefined) yield* this.#hangUp("us", why);
  }

  *#carryOut(ask: Ask): Generator<Out, void, void> {
    if (!this.#machine.in("ringing", "answered")) return;
    switch (ask.kind) {
      case "end":
        return yield* this.#hangUp(ask.by ?? "watcher", "asked to end");
      case "interrupt":
        this.#app?.playout.drop();
        yield send({ event: "interrupt" });
        return yield* this.#playOut();
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
    const { dtmfDigit, dtmfDurationMs } = this.#ports.timeline;
    switch (name) {
      case "answer":
        return this.#recordAnswer();
      case "dtmf":
        return yield* this.#sendDigit(dtmfDigit, dtmfDurationMs);
      case "digits":
        return yield* this.#nextDigit();
      case "playout":
        return yield* this.#playOut();
      case "unanswered":
        if (this.#machine.state === "ringing") yield* this.#hangUp("us", UNANSWERED);
        return;
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
      this.#ports.ended(by, `socket closed with ${code}`);
    }
    if (this.#machine.state === "ended") this.#makeUpCdr();
  }

  /** An app that has answered plays at once; its answer goes out first. */
  #mustWait(notice: InboundCallNotice): boolean {
    if (!this.#answering || this.#machine.state !== "ringing") return false;
    if (notice.kind === "ask") return notice.ask.kind !== "end";
    return notice.kind === "play" || notice.kind === "hangup";
  }

  /** Before the answer, so that a call that was answered is known to have been. */
  #recordAnswer(): void {
    if (this.#machine.state !== "ringing" || this.#answering) return;
    this.#answering = true;
    this.#ports.answered();
  }

  *#answer(): Generator<Out, void, void> {
    const { dtmfAfterMs, hangupAfterMs } = this.#ports.timeline;
    yield send({ event: "answer" });
    yield this.#machine.move("answered");
    if (this.#app !== undefined) return yield cancel("unanswered");
    yield timer("dtmf", dtmfAfterMs);
    yield timer("hangup", hangupAfterMs);
  }

  *#sendDigit(digit: SayableDigit, durationMs: number): Generator<Out, void, void> {
    if (this.#machine.state !== "answered") return this.#odd("send dtmf");
    yield send({ event: "dtmf", digit, duration: durationMs });
    this.#ports.dtmf(digit, "us");
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
    const app = this.#app === undefined ? [] : ["unanswered", "playout"];
    for (const name of ["answer", "dtmf", "digits", "hangup", ...app]) yield cancel(name);
    this.#app?.playout.drop();
    this.#ports.ended(by, reason);
    yield timer("cdr", this.#ports.timeline.cdrWaitMs);
  }

  #makeUpCdr(): void {
    if (this.#cdrSeen) return;
    this.#cdrSeen = true;
    this.#ports.noCdr();
  }

  #odd(what: string, fields?: readonly string[]): void {
    this.#ports.oddity(what, this.#machine.state, fields);
  }
}
