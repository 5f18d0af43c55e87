/**
 * One call of a jambonz server on one socket: questions to the application, its answers and
 * commands, and the call's record. Whatever must outlive the socket is in the record.
 * @module
 */
import type { EndAsker } from "../../calls/call_record.ts";
import type { Ask } from "../../calls/line.ts";
import { Machine } from "../../session/machine.ts";
import { close, type Command as Out, type Event, timer } from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import { Answers } from "./answers.ts";
import type { CallInfo, JambonzWire } from "./messages.ts";
import { newCall } from "./new_call.ts";
import { NewerMessages } from "./newer_messages.ts";
import { carryOut, sendChecked } from "./outgoing.ts";
import { Outlet } from "./outlet.ts";
import { Returning } from "./returning.ts";
import { Speech } from "./speech.ts";
import { isOtherLeg, takeStatus } from "./status.ts";
import { llmTranscript, recordResult } from "./transcripts.ts";
import type { JambonzNotice, JambonzPorts, Question } from "./ports.ts";

/** Where a session stands: `announced` by a call:status before its session:new. */
export type JambonzState = "connected" | "announced" | "talking" | "over";

/** The moves of a session. */
export const JAMBONZ_MOVES = {
  connected: ["announced", "talking"],
  announced: ["talking", "over"],
  talking: ["over"],
  over: [],
} as const satisfies { [From in JambonzState]: readonly JambonzState[] };

type In = Event<Heard<JambonzWire>, JambonzNotice>;
type Message = Heard<JambonzWire>;
type Step = Out<Said<JambonzWire>>;
type Steps = Generator<Step, void, void>;

/** The protocol of the jambonz door. */
export async function* jambonz(
  events: AsyncIterable<In>,
  ports: JambonzPorts,
): AsyncGenerator<Step, void, void> {
  const session = new JambonzSession(ports);
  for await (const event of events) {
    for (const step of session.hear(event)) {
      yield step;
      if (step.kind === "close") return;
    }
  }
}

class JambonzSession {
  readonly #machine = new Machine<JambonzState>(JAMBONZ_MOVES, "connected");
  readonly #ports: JambonzPorts;
  readonly #answers: Answers;
  readonly #outlet = new Outlet();
  readonly #speech: Speech;
  readonly #returning: Returning;
  readonly #newer: NewerMessages;
  /** The application is asked when the call's record is open; a call without one is not taken. */
  #record: "opening" | "open" | "refused" = "opening";
  #callSid: string | undefined;
  /** Who is to be named as having ended the call when jambonz says that it is over. */
  #endAskedBy: EndAsker | undefined;

  constructor(ports: JambonzPorts) {
    this.#ports = ports;
    this.#answers = new Answers(ports);
    this.#speech = new Speech(ports);
    this.#newer = new NewerMessages(ports);
    this.#returning = new Returning(ports, this.#answers, this.#outlet, this.#speech);
  }

  *hear(event: In): Steps {
    for (const step of this.#hearEvent(event)) yield* this.#outlet.pass(step);
    this.#returning.settle();
  }

  *#hearEvent(event: In): Steps {
    switch (event.kind) {
      case "message":
        if (event.mended !== undefined) this.#odd(`wrong ${event.message.type}`, event.mended);
        return yield* this.#hearMessage(event.message);
      case "notice":
        return yield* this.#hearNotice(event.notice);
      case "timeout":
        return yield* this.#hearTimeout(event.timer);
      case "malformed":
        if (event.received !== undefined) return yield* this.#hearNewer(event.received);
        return this.#odd(event.why, event.fields);
      case "audio":
        return this.#odd("audio");
      case "closed":
        return yield* this.#hearClosed(event.code);
    }
  }

  *#hearMessage(message: Message): Steps {
    switch (message.type) {
      case "session:new":
      case "session:redirect":
      case "session:adulting":
        return yield* this.#startSession(message);
      case "session:reconnect":
        return yield* this.#hearReconnect(message);
      case "dial:confirm":
      case "verb:hook":
        return yield* this.#hook(message);
      case "call:status":
        return yield* this.#status(message.data, message.call_sid);
      case "tts:tokens-result":
        return this.#speech.result(message.data);
      case "tts:streaming-event":
        yield* this.#speech.event(message.data.event_type);
        return this.#tell(message);
      case "llm:event": {
        const transcript = llmTranscript(message.data);
        if (transcript !== undefined) this.#ports.transcript(transcript.role, transcript.msg);
        return this.#tell(message);
      }
      case "jambonz:error":
      case "error":
        this.#ports.lineEvent("jambonz:error", message.data ?? {});
        return this.#tell({ ...message, type: "jambonz:error" });
      case "verb:status":
      case "llm:tool-call":
        return this.#tell(message);
    }
  }

  *#hearNewer(received: Readonly<Record<string, unknown>>): Steps {
    const msgid = this.#newer.take(received, this.#machine.state);
    if (msgid !== undefined) yield* this.#answers.ackEmpty(msgid);
  }

  *#startSession(message: Extract<Message, { type: Question["type"] }>): Steps {
    const { type, msgid, data } = message;
    const callSid = message.call_sid ?? data.call_sid ?? msgid;
    if (this.#machine.in("connected", "announced")) {
      const announced = this.#machine.state === "announced";
      yield this.#machine.move("talking");
      if (!announced) this.#open(callSid, type, data);
    } else if (type === "session:new" || this.#machine.state === "over") {
      // A redirect may come late. The application would begin with a call that it has ended.
      this.#odd(type);
      return yield* this.#answers.ackEmpty(msgid);
    }
    yield* this.#ask({ type, hook: message.hook, data }, msgid);
  }

  /** A redirect may be the first message of a socket for a call that we know. */
  #open(callSid: string, type: string, data: CallInfo): void {
    this.#callSid = callSid;
    const resumed = type === "session:new" ? undefined : this.#ports.resume(callSid);
    if (resumed === undefined) return this.#begin(callSid, data);
    this.#record = "open";
    this.#returning.resume(resumed);
    this.#ports.takeAsks();
  }

  *#hearReconnect(message: Extract<Message, { type: "session:reconnect" }>): Steps {
    const { msgid } = message;
    const data: CallInfo = typeof message.data === "string"
      ? { call_sid: message.data }
      : message.data ?? {};
    const callSid = message.call_sid ?? data.call_sid ?? msgid;
    if (!this.#machine.in("connected", "announced")) {
      this.#odd("session:reconnect");
      return yield* this.#answers.ackEmpty(msgid);
    }
    yield this.#machine.move("talking");
    this.#callSid = callSid;
    const resumed = this.#ports.resume(callSid);
    this.#returning.begins(msgid);
    if (resumed === undefined) this.#begin(callSid, data, true);
    else {
      this.#record = "open";
      this.#returning.comesBack(msgid, resumed);
    }
    if (resumed?.greeted) return yield* this.#answers.ackEmpty(msgid);
    // The first ack was never received, so the verbs go in this one.
    const question: Question = { type: "session:new", hook: undefined, data };
    yield* this.#ask(question, msgid);
  }

  *#hook(message: Extract<Message, { type: "verb:hook" | "dial:confirm" }>): Steps {
    if (message.type === "verb:hook") recordResult(message.data, this.#ports);
    const { type, msgid, hook, data } = message;
    if (this.#machine.state === "talking") return yield* this.#ask({ type, hook, data }, msgid);
    // Verbs would come too late, or for a call that nobody has told us of.
    if (this.#machine.state !== "over") this.#odd(type);
    this.#tell(message);
    yield* this.#answers.ackEmpty(msgid);
  }

  *#ask(question: Question, msgid: string): Steps {
    if (this.#record === "refused") return yield* this.#answers.ackEmpty(msgid);
    yield* this.#answers.take(question, msgid, this.#record === "open");
  }

  *#status(data: CallInfo, topCallSid: string | undefined): Steps {
    const callSid = data.call_sid ?? topCallSid;
    if (isOtherLeg(data, this.#callSid ?? topCallSid)) {
      this.#ports.lineEvent("leg", { call_sid: callSid, call_status: data.call_status });
      return this.#tell({ type: "call:status", data });
    }
    if (this.#machine.state === "connected") {
      if (callSid === undefined) return this.#odd("call:status of no call");
      yield this.#machine.move("announced");
      this.#open(callSid, "call:status", data);
    }
    const ended = takeStatus(data, this.#outlet, this.#ports);
    if (ended !== undefined) yield* this.#over(this.#endAskedBy ?? ended.by, ended.reason);
    this.#tell({ type: "call:status", data });
  }

  *#hearNotice(notice: JambonzNotice): Steps {
    switch (notice.kind) {
      case "recorded":
        this.#record = "open";
        if (notice.resumed !== undefined) yield* this.#returning.goesOn(notice.resumed);
        return this.#answers.askAll();
      case "unrecorded":
        this.#record = "refused";
        yield* this.#answers.ackAllEmpty();
        return;
      case "verbs":
        return yield* this.#answers.verbs(notice.msgid, notice.verbs);
      case "threw":
        return yield* this.#answers.threw(notice.msgid, notice.error);
      case "command":
        return yield* sendChecked(
          notice.command,
          this.#machine.state === "over",
          this.#ports,
        );
      case "tokens":
      case "flush":
      case "clear":
        return yield* this.#speech.take(notice);
      case "ask":
        return yield* this.#carryOut(notice.ask);
    }
  }

  *#carryOut(ask: Ask): Steps {
    if (this.#machine.state === "over") return;
    if (ask.kind === "end") this.#endAskedBy ??= ask.by ?? "watcher";
    if (ask.kind === "interrupt") yield* this.#speech.take({ kind: "clear" });
    yield* carryOut(ask, this.#machine.state, this.#ports);
  }

  *#hearTimeout(name: string): Steps {
    if (name === LINGER) yield close(1000, "the call is over");
    else yield* this.#answers.timeout(name);
  }

  /** Code 1000 says that the call is over; after any other jambonz comes back. */
  *#hearClosed(code: number): Steps {
    if (this.#machine.in("connected", "over")) return;
    if (code !== 1000) return this.#ports.lost(code);
    yield this.#machine.move("over");
    this.#ports.ended("caller", "socket closed with 1000");
  }

  *#over(by: Parameters<JambonzPorts["ended"]>[0], reason: string): Steps {
    if (this.#machine.state === "over") return;
    yield this.#machine.move("over");
    this.#outlet.over();
    this.#ports.ended(by, reason);
    yield* this.#answers.ackAllEmpty();
    yield timer(LINGER, this.#ports.times.lingerMs);
  }

  #begin(callSid: string, data: CallInfo, isBack = false): void {
    // jambonz asks what to do with a call that it has made when it has been answered.
    if (data.direction === "outbound") this.#outlet.answered();
    const call = newCall(callSid, data, (parent) => this.#ports.callIdOf(parent));
    if (isBack) this.#ports.beginAgain(call);
    else this.#ports.begin(call);
  }

  #tell(message: { type: string; hook?: string | undefined; data?: unknown }): void {
    const data = (message.data ?? {}) as Readonly<Record<string, unknown>>;
    this.#ports.tell({ type: message.type, hook: message.hook, data });
  }

  #odd(what: string, fields?: readonly string[]): void {
    this.#ports.oddity(what, this.#machine.state, fields);
  }
}

const LINGER = "linger";
