/**
 * One socket of a jambonz call: asks the call's app, sends its answers and commands, and keeps the
 * record. State that must outlive the socket is in the record.
 * @module
 */
import type { EndAsker, EndedBy } from "../../calls/call_record.ts";
import { type Handlers, machine } from "../../session/machine.ts";
import { close, timer, unexpected } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { PendingAcks } from "./pending_acks.ts";
import { type CallInfo, type JambonzWire, jambonzWire, type Steps } from "./messages.ts";
import { NewerMessages } from "./newer_messages.ts";
import { carryOut, sendChecked } from "./checked_commands.ts";
import { Outlet } from "./outlet.ts";
import type { JambonzNotice, JambonzPorts, Question } from "./ports.ts";
import { SocketCall } from "./socket_call.ts";
import { SpeechStream } from "./speech_stream.ts";
import { isOtherLeg, takeStatus } from "./status.ts";
import { JAMBONZ, type JambonzEvents as Events, type JambonzState as State } from "./table.ts";
import { llmTranscript, recordResult } from "./transcripts.ts";

type SessionStart = Events["session:new" | "session:redirect" | "session:adulting"];
type Hook = Events["verb:hook" | "dial:confirm"];
type Message = { type: string; hook?: string | undefined; data?: unknown };

/** States before a call's session has started. */
const BEFORE_CALL: readonly State[] = ["connected", "announcing", "announced"];

/** The protocol of the jambonz door. */
export const jambonz = machine<JambonzWire, JambonzPorts, JambonzNotice, State, Events>({
  wire: jambonzWire,
  table: JAMBONZ,
  start: (ports) => new JambonzSession(ports),
});

class JambonzSession implements Handlers<State, Events, Said<JambonzWire>> {
  readonly #ports: JambonzPorts;
  readonly #outlet = new Outlet();
  readonly #pendingAcks: PendingAcks;
  readonly #speech: SpeechStream;
  readonly #newer: NewerMessages;
  readonly #call: SocketCall;
  /** Who ended the call, where jambonz says only that it is over. */
  #endAskedBy: EndAsker | undefined;

  constructor(ports: JambonzPorts) {
    this.#ports = ports;
    this.#pendingAcks = new PendingAcks(ports, this.#outlet);
    this.#speech = new SpeechStream(ports, this.#outlet);
    this.#newer = new NewerMessages(ports);
    this.#call = new SocketCall(ports, this.#outlet, this.#speech);
  }

  "session:new"(message: Events["session:new"], from: State): Steps<State> {
    return this.#startSession(message, from);
  }

  "session:redirect"(message: Events["session:redirect"], from: State): Steps<State> {
    return this.#startSession(message, from);
  }

  "session:adulting"(message: Events["session:adulting"], from: State): Steps<State> {
    return this.#startSession(message, from);
  }

  *"session:reconnect"(message: Events["session:reconnect"], from: State): Steps<State> {
    const { msgid } = message;
    const data: CallInfo = typeof message.data === "string"
      ? { call_sid: message.data }
      : message.data ?? {};
    const callSid = message.call_sid ?? data.call_sid ?? msgid;
    // A socket is of one call: nobody else would end the record of the first.
    const isOther = from !== "connected" && callSid !== this.#call.callSid;
    if (!BEFORE_CALL.includes(from) || isOther) {
      yield unexpected("session:reconnect", from);
      yield* this.#pendingAcks.ackEmpty(msgid);
      return from;
    }
    const resumed = this.#call.comeBack(callSid, msgid, data);
    if (resumed?.greeted) yield* this.#pendingAcks.ackEmpty(msgid);
    // jambonz never received the first ack, so this one contains the verbs.
    else {
      const question: Question = { type: "session:new", hook: undefined, data };
      yield* this.#pendingAcks.take(question, msgid, resumed !== undefined, from);
    }
    return resumed === undefined ? "reopening" : "returning";
  }

  *recorded({ resumed }: Events["recorded"], from: State): Steps<State> {
    if (from === "announcing") return "announced";
    if (resumed === undefined || from !== "reopening") {
      this.#pendingAcks.askAll();
      return "talking";
    }
    // The record of a call given up as lost goes on: greet nobody twice.
    this.#call.reopened(resumed);
    const { msgid } = this.#call.reconnect;
    if (resumed.greeted) yield* this.#pendingAcks.verbs(msgid, []);
    this.#pendingAcks.askAll();
    return this.#settled("returning");
  }

  unrecorded(): Steps {
    return this.#pendingAcks.ackAllEmpty();
  }

  *verbs({ msgid, verbs }: Events["verbs"], from: State): Steps<State> {
    yield* this.#pendingAcks.verbs(msgid, verbs);
    return this.#settled(from);
  }

  *threw({ msgid, error }: Events["threw"], from: State): Steps<State> {
    yield* this.#pendingAcks.threw(msgid, error);
    return this.#settled(from);
  }

  *"timeout:ack"(msgid: string, from: State): Steps<State> {
    yield* this.#pendingAcks.timeout(msgid);
    return this.#settled(from);
  }

  "verb:hook"(message: Events["verb:hook"], from: State): Steps {
    recordResult(message.data, this.#ports);
    return this.#hook(message, from);
  }

  "dial:confirm"(message: Events["dial:confirm"], from: State): Steps {
    return this.#hook(message, from);
  }

  *"call:status"({ data, call_sid }: Events["call:status"], from: State): Steps<State> {
    let state = from;
    const callSid = data.call_sid ?? call_sid;
    if (isOtherLeg(data, this.#call.callSid ?? call_sid)) {
      this.#ports.lineEvent("leg", { call_sid: callSid, call_status: data.call_status });
      this.#tell({ type: "call:status", data });
      return state;
    }
    if (from === "connected") {
      if (callSid === undefined) {
        yield unexpected("call:status of no call", from);
        return state;
      }
      state = this.#call.open(callSid, "call:status", data) ? "announced" : "announcing";
    }
    const ended = takeStatus(data, this.#outlet, this.#ports);
    if (ended !== undefined && from !== "ended") {
      yield* this.#over(this.#endAskedBy ?? ended.by, ended.reason);
      state = "ended";
    }
    this.#tell({ type: "call:status", data });
    return state;
  }

  "verb:status"(message: Message): void {
    this.#tell(message);
  }

  "tts:tokens-result"({ data }: Events["tts:tokens-result"]): void {
    this.#speech.result(data);
  }

  *"tts:streaming-event"(message: Events["tts:streaming-event"]): Steps {
    yield* this.#speech.event(message.data.event_type);
    this.#tell(message);
  }

  "llm:event"(message: Events["llm:event"]): void {
    const transcript = llmTranscript(message.data);
    if (transcript !== undefined) this.#ports.transcript(transcript.role, transcript.msg);
    this.#tell(message);
  }

  "llm:tool-call"(message: Message): void {
    this.#tell(message);
  }

  "jambonz:error"(message: Message): void {
    this.#ports.lineEvent("jambonz:error", { ...message.data as object });
    this.#tell({ ...message, type: "jambonz:error" });
  }

  error(message: Message): void {
    this["jambonz:error"](message);
  }

  *malformed({ why, fields, received }: Events["malformed"], from: State): Steps {
    if (received === undefined) return yield unexpected(why, from, fields);
    const isOnCall = from !== "ended" && !BEFORE_CALL.includes(from);
    const { what, msgid } = this.#newer.take(received, isOnCall);
    yield unexpected(what, from);
    if (msgid !== undefined) yield* this.#pendingAcks.ackEmpty(msgid);
  }

  command({ command }: Events["command"], from: State): Steps {
    return sendChecked(command, from === "ended", this.#ports, this.#outlet);
  }

  tokens(notice: Events["tokens"]): Steps {
    return this.#speech.take(notice);
  }

  flush(): Steps {
    return this.#speech.take({ kind: "flush" });
  }

  clear(): Steps {
    return this.#speech.take({ kind: "clear" });
  }

  "ask:end"({ ask }: Events["ask:end"], from: State): Steps {
    this.#endAskedBy ??= ask.by ?? "watcher";
    return carryOut(ask, from, this.#ports, this.#outlet);
  }

  "ask:join"({ ask }: Events["ask:join"], from: State): Steps {
    return carryOut(ask, from, this.#ports, this.#outlet);
  }

  *"ask:interrupt"({ ask }: Events["ask:interrupt"], from: State): Steps {
    yield* this.#speech.take({ kind: "clear" });
    yield* carryOut(ask, from, this.#ports, this.#outlet);
  }

  "ask:digits"({ ask }: Events["ask:digits"], from: State): Steps {
    return carryOut(ask, from, this.#ports, this.#outlet);
  }

  "ask:redirect"({ ask }: Events["ask:redirect"], from: State): Steps {
    return carryOut(ask, from, this.#ports, this.#outlet);
  }

  "timeout:linger"() {
    return close(1000, "the call is over");
  }

  /** Code 1000 ends the call; after any other jambonz reconnects. */
  closed({ code }: Events["closed"], from: State): void {
    if (from === "connected" || from === "ended") return;
    if (code !== 1000) return this.#ports.lost(code);
    this.#ports.ended("caller", "socket closed with 1000");
  }

  *#startSession(message: SessionStart, from: State): Steps<State> {
    const { type, msgid, hook, data } = message;
    const callSid = message.call_sid ?? data.call_sid ?? msgid;
    const isBefore = BEFORE_CALL.includes(from);
    if (!isBefore && (type === "session:new" || from === "ended")) {
      // A late redirect would start the app on a call that is over.
      yield unexpected(type, from);
      yield* this.#pendingAcks.ackEmpty(msgid);
      return from;
    }
    if (from === "refused") {
      yield* this.#pendingAcks.ackEmpty(msgid);
      return from;
    }
    const isOpen = from === "connected" ? this.#call.open(callSid, type, data) : isRecorded(from);
    yield* this.#pendingAcks.take({ type, hook, data }, msgid, isOpen, from);
    return !isBefore ? from : isOpen ? "talking" : "recording";
  }

  *#hook(message: Hook, from: State): Steps {
    const { type, msgid, hook, data } = message;
    if (BEFORE_CALL.includes(from) || from === "ended") {
      // Verbs would come too late, or for a call that we do not know.
      if (from !== "ended") yield unexpected(type, from);
      this.#tell(message);
      return yield* this.#pendingAcks.ackEmpty(msgid);
    }
    if (from === "refused") return yield* this.#pendingAcks.ackEmpty(msgid);
    yield* this.#pendingAcks.take({ type, hook, data }, msgid, isRecorded(from), from);
  }

  /** The ack of a reconnect goes out before what was asked meanwhile. */
  #settled(from: State): State {
    if (from !== "returning" || this.#pendingAcks.waitsFor(this.#call.reconnect.msgid)) return from;
    this.#ports.takeAsks();
    if (this.#call.reconnect.greeted) this.#ports.goOn();
    return "talking";
  }

  *#over(by: EndedBy, reason: string): Steps {
    this.#outlet.over();
    this.#ports.ended(by, reason);
    yield* this.#pendingAcks.ackAllEmpty();
    yield timer("linger", this.#ports.times.lingerMs);
  }

  #tell({ type, hook, data = {} }: Message): void {
    this.#ports.tell({ type, hook, data: data as Readonly<Record<string, unknown>> });
  }
}

/** Whether the record is open, so that the app is asked at once. */
function isRecorded(state: State): boolean {
  return state === "announced" || state === "talking" || state === "returning";
}
