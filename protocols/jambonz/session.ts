/**
 * One call of a jambonz server on one socket: questions to the application, its answers and
 * commands, and the call's record. Whatever must outlive the socket is in the record.
 * @module
 */
import type { NewCall } from "../../calls/call.ts";
import type { Ask } from "../../calls/line.ts";
import { Machine } from "../../session/machine.ts";
import { close, type Command as Out, type Event, send, timer } from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import { Answers } from "./answers.ts";
import type { Question } from "./application.ts";
import type { Command, Verb } from "./commands.ts";
import type { CallInfo, JambonzWire } from "./messages.ts";
import { isOtherLeg, statusMeaning } from "./status.ts";
import { bestTranscript, llmTranscript } from "./transcripts.ts";
import { TokenStream } from "./tts.ts";
import { faultOfSize, faultOfVerbs, spokenTexts } from "./verbs.ts";
import type { JambonzNotice, JambonzWorld } from "./world.ts";

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
  world: JambonzWorld,
): AsyncGenerator<Step, void, void> {
  const session = new JambonzSession(world);
  for await (const event of events) yield* session.hear(event);
}

class JambonzSession {
  readonly #machine = new Machine<JambonzState>(JAMBONZ_MOVES, "connected");
  readonly #world: JambonzWorld;
  readonly #answers: Answers;
  readonly #stream = new TokenStream();
  /** Whether the call's record is open: only then is the application asked. */
  #recorded = false;
  #callSid: string | undefined;
  /** Who is to be named as having ended the call when jambonz says that it is over. */
  #endAsked = false;

  constructor(world: JambonzWorld) {
    this.#world = world;
    this.#answers = new Answers(world);
  }

  *hear(event: In): Steps {
    switch (event.kind) {
      case "message":
        return yield* this.#hearMessage(event.message);
      case "notice":
        return yield* this.#hearNotice(event.notice);
      case "timeout":
        return yield* this.#hearTimeout(event.timer);
      case "malformed":
        return this.#odd(event.why);
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
        return yield* this.#reconnect(message);
      case "dial:confirm":
      case "verb:hook":
        return yield* this.#hook(message);
      case "call:status":
        return yield* this.#status(message.data, message.call_sid);
      case "tts:tokens-result": {
        const { fault } = this.#stream.result(message.data);
        return fault === undefined ? undefined : this.#world.fault(fault);
      }
      case "tts:streaming-event":
        yield* this.#sendAll(this.#stream.event(message.data.event_type));
        return this.#tell(message);
      case "llm:event": {
        const transcript = llmTranscript(message.data);
        if (transcript !== undefined) this.#world.transcript(transcript.role, transcript.msg);
        return this.#tell(message);
      }
      case "jambonz:error":
      case "error":
        this.#world.lineEvent("jambonz:error", message.data ?? {});
        return this.#tell(message);
      case "verb:status":
      case "llm:tool-call":
        return this.#tell(message);
    }
  }

  *#startSession(message: Extract<Message, { type: Question["type"] }>): Steps {
    const { type, msgid, data } = message;
    const callSid = message.call_sid ?? data.call_sid ?? msgid;
    if (this.#machine.in("connected", "announced")) {
      const announced = this.#machine.state === "announced";
      yield this.#machine.move("talking");
      if (!announced) this.#open(callSid, type, data);
    } else if (type === "session:new") {
      this.#odd("session:new");
      return yield* this.#answers.ackEmpty(msgid);
    }
    yield* this.#take(message);
  }

  /** A redirect may be the first message of a socket for a call that we know. */
  #open(callSid: string, type: string, data: CallInfo): void {
    this.#callSid = callSid;
    if (type !== "session:new" && this.#world.resume(callSid) !== undefined) {
      this.#recorded = true;
    } else this.#world.begin(this.#newCall(callSid, data));
  }

  *#reconnect(message: Extract<Message, { type: "session:reconnect" }>): Steps {
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
    const resumed = this.#world.resume(callSid);
    if (resumed === undefined) this.#world.begin(this.#newCall(callSid, data));
    else this.#recorded = true;
    if (resumed?.greeted) return yield* this.#answers.ackEmpty(msgid);
    // The first ack was never received, so the verbs go in this one.
    const question: Question = { type: "session:new", hook: undefined, data };
    yield* this.#answers.take(question, msgid, this.#recorded);
  }

  *#hook(message: Extract<Message, { type: "verb:hook" | "dial:confirm" }>): Steps {
    if (message.type === "verb:hook") this.#recordResult(message.data);
    if (this.#machine.state === "talking") return yield* this.#take(message);
    // Verbs would come too late, or for a call that nobody has told us of.
    if (this.#machine.state !== "over") this.#odd(message.type);
    this.#tell(message);
    yield* this.#answers.ackEmpty(message.msgid);
  }

  *#take(message: Extract<Message, { type: Question["type"] }>): Steps {
    const { type, msgid, hook, data } = message;
    yield* this.#answers.take({ type, hook, data }, msgid, this.#recorded);
  }

  #recordResult(data: Readonly<Record<string, unknown>>): void {
    const { digits, speech } = data;
    if (typeof digits === "string") {
      for (const digit of digits) this.#world.dtmf(digit, "caller");
    }
    const transcript = bestTranscript(speech);
    if (transcript !== undefined) this.#world.transcript("other", transcript);
  }

  *#status(data: CallInfo, topCallSid: string | undefined): Steps {
    const callSid = data.call_sid ?? topCallSid;
    if (isOtherLeg(data, this.#callSid ?? topCallSid)) {
      this.#world.lineEvent("leg", { call_sid: callSid, call_status: data.call_status });
      return this.#tell({ type: "call:status", data });
    }
    if (this.#machine.state === "connected" && callSid !== undefined) {
      yield this.#machine.move("announced");
      this.#open(callSid, "session:new", data);
    }
    const meaning = statusMeaning(data);
    if (meaning.kind === "answered") this.#world.answered();
    if (meaning.kind === "progress") this.#world.lineEvent("call:status", meaning.data);
    if (meaning.kind === "ended") {
      yield* this.#over(this.#endAsked ? "watcher" : meaning.by, meaning.reason);
    }
    this.#tell({ type: "call:status", data });
  }

  *#hearNotice(notice: JambonzNotice): Steps {
    switch (notice.kind) {
      case "recorded":
        this.#recorded = true;
        return this.#answers.askAll();
      case "unrecorded":
        yield* this.#answers.ackAllEmpty();
        return;
      case "verbs":
        return yield* this.#answers.verbs(notice.msgid, notice.verbs);
      case "threw":
        return yield* this.#answers.threw(notice.msgid, notice.error);
      case "command":
        return yield* this.#command(notice.command);
      case "tokens": {
        const { commands, fault } = this.#stream.push(notice.text);
        if (fault !== undefined) this.#world.fault(fault);
        return yield* this.#sendAll(commands);
      }
      case "flush":
        return yield* this.#sendAll(this.#stream.flush());
      case "clear":
        return yield* this.#sendAll(this.#stream.clear());
      case "ask":
        return yield* this.#carryOut(notice.ask);
    }
  }

  /** An application's command: checked first, since jambonz refuses what it does not know. */
  *#command(command: Command): Steps {
    const verbs = "data" in command && Array.isArray(command.data) ? command.data : undefined;
    const fault = (verbs && faultOfVerbs(verbs)) ?? faultOfSize(command);
    if (fault !== undefined) {
      return this.#world.fault(`Cannot send the command ${command.command}: ${fault}`);
    }
    if (this.#machine.state === "over") {
      return this.#world.fault(`Cannot send the command ${command.command}: the call is over`);
    }
    yield send(command);
    if (command.command !== "redirect") return;
    for (const text of spokenTexts(command.data)) this.#world.transcript("assistant", text);
  }

  *#carryOut(ask: Ask): Steps {
    if (this.#machine.state === "over") return;
    switch (ask.kind) {
      case "end":
        this.#endAsked = true;
        return yield* this.#redirect([{ verb: "hangup" }]);
      case "join": {
        if (ask.number === null) return this.#odd("join without a number");
        const target = [{ type: "phone", number: ask.number }];
        yield* this.#redirect([{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }]);
        return this.#world.screeningEnded("The call is handed over");
      }
      case "interrupt":
        yield* this.#sendAll(this.#stream.clear());
        return yield* this.#redirect([]);
      case "digits":
        for (const digit of ask.digits) {
          const data = { dtmf: { digit, duration: ask.durationMs } };
          yield send({ type: "command", command: "dtmf", data });
          this.#world.dtmf(digit, "us");
        }
        return;
      case "redirect":
        return yield* this.#command({
          type: "command",
          command: "redirect",
          queueCommand: false,
          data: [...ask.verbs],
        });
    }
  }

  *#redirect(data: Verb[]): Steps {
    yield send({ type: "command", command: "redirect", queueCommand: false, data });
  }

  *#hearTimeout(name: string): Steps {
    if (name === LINGER) yield close(1000, "the call is over");
    else yield* this.#answers.timeout(name);
  }

  /** Code 1000 says that the call is over; after any other jambonz comes back. */
  *#hearClosed(code: number): Steps {
    if (this.#machine.state === "over") return;
    if (this.#machine.state === "connected") return;
    if (code !== 1000) return this.#world.lost(code);
    yield this.#machine.move("over");
    this.#world.ended("caller", "socket closed with 1000");
  }

  *#over(by: Parameters<JambonzWorld["ended"]>[0], reason: string): Steps {
    if (this.#machine.state === "over") return;
    yield this.#machine.move("over");
    this.#world.ended(by, reason);
    yield* this.#answers.ackAllEmpty();
    yield timer(LINGER, this.#world.times.lingerMs);
  }

  *#sendAll(commands: readonly Command[]): Steps {
    for (const command of commands) yield send(command);
  }

  #newCall(platformId: string, data: CallInfo): NewCall {
    const parent = data.parent_call_sid ?? (data["parent_call_info"] as CallInfo)?.call_sid;
    const parentCallId = parent ? this.#world.callIdOf(parent) : undefined;
    return {
      line: "jambonz",
      platformId,
      direction: data.direction === "outbound" ? "outbound" : "inbound",
      from: data.from ?? "",
      to: data.to ?? "",
      ...(parentCallId === undefined ? {} : { parentCallId }),
    };
  }

  #tell(message: { type: string; hook?: string | undefined; data?: unknown }): void {
    const data = (message.data ?? {}) as Readonly<Record<string, unknown>>;
    this.#world.tell({ type: message.type, hook: message.hook, data });
  }

  #odd(what: string): void {
    this.#world.oddity(what, this.#machine.state);
  }
}

const LINGER = "linger";
