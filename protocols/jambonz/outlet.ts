/**
 * What leaves for a jambonz server, in the form and at the time in which it takes it.
 * @module
 */
import { send } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { replaceBy, type Verb } from "./commands.ts";
import { type Answered, endable } from "./hangups.ts";
import type { JambonzWire, Steps } from "./messages.ts";
import { inFrames } from "./verbs.ts";

type Message = Said<JambonzWire>;

/** All that one socket says goes through here. */
export class Outlet {
  /** A feature server hears commands only behind the first ack; until then they are held. */
  #listens = false;
  #held: Message[] = [];
  #answered: Answered = "no";
  /** Whether verbs may have gone out before that answer the call; nobody knows which. */
  #isUnsure = false;
  #hasDeclined = false;

  /** Whether the call was declined from our side, as far as can be told before jambonz says so. */
  get hasDeclined(): boolean {
    return this.#hasDeclined && this.#answered !== "yes";
  }

  /** The call is known to the server: it takes commands at once. */
  listens(): void {
    this.#listens = true;
  }

  /** The call has been answered. */
  answered(): void {
    this.#answered = "yes";
  }

  /** The call may have been answered by what went out on an earlier socket. */
  mayBeAnswered(): void {
    if (this.#answered !== "no") return;
    this.#answered = "asked";
    this.#isUnsure = true;
  }

  /** The call is over: what is still held is for nobody. */
  over(): void {
    this.#held = [];
  }

  /** Says a message; a command waits until the server listens. */
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
      // It would be ignored as long as nobody has answered.
      if (this.#answered !== "yes") return yield* this.#say(replaceBy([{ verb: "hangup" }]));
    }
    yield send(message);
  }

  #frames(verbs: readonly Verb[], envelope: object, replaces: boolean): Verb[][] {
    // What goes behind verbs that answer the call finds it answered.
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
