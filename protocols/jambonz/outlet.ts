/**
 * Sends our messages to a jambonz server, in the form and at the time that it accepts.
 * @module
 */
import { send } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { replaceBy, type Verb } from "./commands.ts";
import { type Answered, endable } from "./hangups.ts";
import type { JambonzWire, Steps } from "./messages.ts";
import { inFrames } from "./verbs.ts";

type Message = Said<JambonzWire>;

/** Everything that we send on one socket. */
export class Outlet {
  /** A feature server accepts commands only after the first ack; we queue them until then. */
  #listens = false;
  #held: Message[] = [];
  #answered: Answered = "no";
  /** Whether an earlier socket may have sent verbs that answer the call. */
  #isUnsure = false;
  #hasDeclined = false;

  /** Whether we declined the call, as far as we know before jambonz reports it. */
  get hasDeclined(): boolean {
    return this.#hasDeclined && this.#answered !== "yes";
  }

  /** jambonz has received its first ack: it accepts commands at once. */
  listens(): void {
    this.#listens = true;
  }

  /** The call is answered. */
  answered(): void {
    this.#answered = "yes";
  }

  /** Verbs from an earlier socket may have answered the call. */
  mayBeAnswered(): void {
    if (this.#answered !== "no") return;
    this.#answered = "asked";
    this.#isUnsure = true;
  }

  /** The call is over: drops queued commands. */
  over(): void {
    this.#held = [];
  }

  /** Sends a message; a command waits for the first ack. */
  *say(message: Message): Steps {
    if (message.type === "command" && !this.#listens) return void this.#held.push(message);
    yield* this.#say(message);
    if (message.type !== "ack" || this.#listens) return;
    this.#listens = true;
    for (const held of this.#held.splice(0)) yield* this.#say(held);
  }

  *#say(message: Message): Steps {
    if (message.type === "ack") {
      if (message.data === undefined) return yield send(message);
      const { msgid } = message;
      const [first = [], ...rest] = this.#frames(message.data, { type: "ack", msgid }, true);
      yield send({ type: "ack", msgid, data: first });
      return yield* this.#append(rest);
    }
    if (message.command === "redirect") {
      const { data, ...command } = message;
      const [first = [], ...rest] = this.#frames(data, command, command.queueCommand !== true);
      yield send({ ...command, data: first });
      return yield* this.#append(rest, command);
    }
    if (message.command === "call:status" && isCompleted(message.data)) {
      // jambonz ignores it before the answer.
      if (this.#answered !== "yes") return yield* this.#say(replaceBy([{ verb: "hangup" }]));
    }
    yield send(message);
  }

  #frames(verbs: readonly Verb[], envelope: object, replaces: boolean): Verb[][] {
    // Verbs appended after those that answer the call run when it is answered.
    const isBehind = this.#answered === "asked" && !this.#isUnsure && !replaces;
    const before = isBehind ? "yes" : this.#answered;
    const { verbs: sent, answered } = endable(verbs, before);
    if (this.#answered !== "yes" && answered !== "no") this.#answered = "asked";
    this.#hasDeclined ||= sent.some(({ verb }) => verb === "sip:decline");
    return inFrames(sent, envelope);
  }

  *#append(frames: readonly Verb[][], command: object = {}): Steps {
    for (const data of frames) yield send({ ...replaceBy(data), ...command, queueCommand: true });
  }
}

function isCompleted(data: unknown): boolean {
  return (data as { call_status?: unknown } | undefined)?.call_status === "completed";
}
