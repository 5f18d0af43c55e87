/**
 * One inbound call, from the platform's `incoming_call` to its CDR. Its app controls it; without an
 * app it plays the timeline of the protocol's document: answer, a tone, echo, hang up.
 * @module
 */
import type { EndedBy } from "../../calls/call_record.ts";
import { type Handlers, machine } from "../../session/machine.ts";
import {
  type AudioBytes,
  cancel,
  close,
  type Command,
  play,
  send,
  timer,
} from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { type InboundCallWire, inboundCallWire, type SayableDigit } from "./messages.ts";
import {
  type InboundApp,
  type InboundCallNotice,
  type InboundCallPorts,
  UNANSWERED,
} from "./ports.ts";
import {
  INBOUND_CALL,
  type InboundCallEvents as Events,
  type InboundCallState as State,
} from "./table.ts";

/** The pause between two tones, so that the far end can tell them apart. */
const DIGIT_GAP_MS = 100;

type Steps<Next = void> = Generator<Command<Said<InboundCallWire>>, Next, void>;

/** The protocol of the inbound call door. */
export const inboundCall = machine<
  InboundCallWire,
  InboundCallPorts,
  InboundCallNotice,
  State,
  Events
>({ wire: inboundCallWire, table: INBOUND_CALL, start: (ports) => new InboundCall(ports) });

class InboundCall implements Handlers<State, Events, Said<InboundCallWire>> {
  readonly #ports: InboundCallPorts;
  /** The tone that is being sent, and the queued ones. */
  readonly #digits: { digit: SayableDigit; durationMs: number }[] = [];
  /** Controls the call once it is recorded; undefined plays the timeline. */
  #app: InboundApp | undefined;
  /** Why the app hangs up. */
  #why = "";

  constructor(ports: InboundCallPorts) {
    this.#ports = ports;
  }

  incoming_call({ sessionId, callerId: from, didNumber: to }: Events["incoming_call"]): void {
    const platformId = sessionId ?? this.#ports.newSessionId();
    this.#ports.begin({ line: "inbound", direction: "inbound", platformId, from, to });
  }

  *recorded(): Steps<State> {
    const { answerAfterMs, appAnswersWithinMs } = this.#ports.timeline;
    this.#app = this.#ports.app;
    if (this.#app !== undefined) {
      this.#app.begin();
      yield timer("unanswered", appAnswersWithinMs);
      return "ringing";
    }
    if (answerAfterMs === 0) {
      this.#ports.answered();
      return "answering";
    }
    yield timer("answer", answerAfterMs);
    return "ringing";
  }

  unrecorded(): Steps {
    return this.#hangUp("us", "not recorded");
  }

  "timeout:answer"(): void {
    this.#ports.answered();
  }

  "app:answer"(): void {
    this.#ports.answered();
  }

  *answer_recorded(): Steps {
    const { dtmfAfterMs, hangupAfterMs } = this.#ports.timeline;
    yield send({ event: "answer" });
    if (this.#app !== undefined) return yield cancel("unanswered");
    yield timer("dtmf", dtmfAfterMs);
    yield timer("hangup", hangupAfterMs);
  }

  "timeout:unanswered"(): Steps {
    return this.#hangUp("us", UNANSWERED);
  }

  audio(bytes: AudioBytes) {
    if (this.#app !== undefined) return this.#app.audio(bytes);
    return this.#ports.timeline.echo ? play(bytes) : undefined;
  }

  "app:pass_back"({ bytes }: Events["app:pass_back"]) {
    return play(bytes);
  }

  dtmf({ digit }: Events["dtmf"]): void {
    this.#ports.dtmf(digit, "caller");
  }

  "timeout:dtmf"(): Steps {
    const { dtmfDigit, dtmfDurationMs } = this.#ports.timeline;
    return this.#sendDigit(dtmfDigit, dtmfDurationMs);
  }

  *"ask:digits"({ ask: { digits, durationMs } }: Events["ask:digits"]): Steps {
    const idle = this.#digits.length === 0;
    for (const digit of digits) this.#digits.push({ digit: digit as SayableDigit, durationMs });
    if (idle) yield* this.#nextDigit();
  }

  *"timeout:digits"(): Steps {
    this.#digits.shift();
    yield* this.#nextDigit();
  }

  "app:play"(_: unknown, from: State): Steps<State> {
    return this.#playOut(from);
  }

  "timeout:playout"(_: unknown, from: State): Steps<State> {
    return this.#playOut(from);
  }

  *"ask:interrupt"(_: unknown, from: State): Steps {
    this.#app?.playout.drop();
    yield send({ event: "interrupt" });
    if (from === "finishing") yield* this.#hangUp("us", this.#why);
  }

  *"app:hangup"({ why, now }: Events["app:hangup"], from: State): Steps<State> {
    this.#why = why;
    // A ringing caller hears nothing, so there is nothing to wait for.
    if (!now && from !== "ringing" && this.#app?.playout.idle === false) return "finishing";
    yield* this.#hangUp("us", why);
    return "ended";
  }

  "timeout:hangup"(): Steps {
    return this.#hangUp("us", "timeline");
  }

  "ask:end"({ ask }: Events["ask:end"]): Steps {
    return this.#hangUp(ask.by ?? "watcher", "asked to end");
  }

  hangup(): Steps {
    return this.#end("caller", "hangup");
  }

  *cdr(received: Events["cdr"], from: State): Steps {
    if (from !== "ended") yield* this.#end("caller", "cdr");
    yield cancel("cdr");
    this.#ports.cdr(received);
  }

  cdr_recorded({ persisted }: Events["cdr_recorded"]) {
    return persisted ? close(1000, "the call is over") : close(1011, "no record");
  }

  "timeout:cdr"() {
    this.#ports.noCdr();
    return close(1000, "no CDR came");
  }

  closed({ code }: Events["closed"], from: State): void {
    if (from === "connected" || from === "acknowledging") return;
    // 1005 is a close frame without a code: the caller left on purpose.
    const by = code === 1000 || code === 1005 ? "caller" : "lost";
    if (from !== "ended") this.#ports.ended(by, `socket closed with ${code}`);
    this.#ports.noCdr();
  }

  /** Plays what is due. A finishing call ends when the queue is empty. */
  *#playOut(from: State): Steps<State> {
    if (this.#app === undefined) return from;
    const { interrupts, frames, againInMs } = this.#app.playout.due();
    if (interrupts) yield send({ event: "interrupt" });
    for (const frame of frames) yield play(frame);
    if (againInMs !== undefined) {
      yield timer("playout", againInMs);
      return from;
    }
    if (from !== "finishing") return from;
    yield* this.#hangUp("us", this.#why);
    return "ended";
  }

  *#sendDigit(digit: SayableDigit, durationMs: number): Steps {
    yield send({ event: "dtmf", digit, duration: durationMs });
    this.#ports.dtmf(digit, "us");
  }

  *#nextDigit(): Steps {
    const next = this.#digits[0];
    if (next === undefined) return;
    yield* this.#sendDigit(next.digit, next.durationMs);
    yield timer("digits", next.durationMs + DIGIT_GAP_MS);
  }

  *#hangUp(by: EndedBy, reason: string): Steps {
    yield send({ event: "hangup" });
    yield* this.#end(by, reason);
  }

  /** Ends the call. The socket stays open for the CDR, which comes last. */
  *#end(by: EndedBy, reason: string): Steps {
    const app = this.#app === undefined ? [] : ["unanswered", "playout"];
    for (const name of ["answer", "dtmf", "digits", "hangup", ...app]) yield cancel(name);
    this.#app?.playout.drop();
    this.#ports.ended(by, reason);
    yield timer("cdr", this.#ports.timeline.cdrWaitMs);
  }
}
