/**
 * Acks the messages that jambonz waits for: each once and in time, however slow the app is.
 * @module
 */
import { cancel, timer, unexpected } from "../../session/protocol.ts";
import { replaceBy, type Verb } from "./commands.ts";
import type { Steps } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import { checkVerbs, faultOfVerbSizes, spokenTexts } from "./verbs.ts";
import type { JambonzPorts, Question } from "./ports.ts";

/** The verbs of an ack when the app is too slow for jambonz's deadline. */
const WAITING: readonly Verb[] = [{ verb: "say", text: "One moment, please." }];
/** The verbs for an app that cannot continue. */
export const SORRY: readonly Verb[] = [
  { verb: "say", text: "Sorry, something went wrong. Please call again later." },
  { verb: "hangup" },
];

interface Pending {
  /** Undefined for a message that is not a question to the app. */
  readonly question: Question | undefined;
  asked: boolean;
  acked: boolean;
}

/** The pending questions of one call. */
export class PendingAcks {
  readonly #ports: JambonzPorts;
  readonly #outlet: Outlet;
  readonly #pending = new Map<string, Pending>();

  constructor(ports: JambonzPorts, outlet: Outlet) {
    this.#ports = ports;
    this.#outlet = outlet;
  }

  /** Whether this message still waits for its ack. */
  waitsFor(msgid: string): boolean {
    return this.#pending.get(msgid)?.acked === false;
  }

  /** Accepts a question in the state `from`; `now` is false until the call's record is open. */
  *take(question: Question, msgid: string, now: boolean, from: string): Steps {
    if (this.#pending.has(msgid)) return yield unexpected(`repeated ${question.type}`, from);
    const pending = { question, asked: false, acked: false };
    this.#pending.set(msgid, pending);
    const { sessionDeadlineMs, hookDeadlineMs } = this.#ports.times;
    yield timer(deadline(msgid), needsVerbs(question) ? sessionDeadlineMs : hookDeadlineMs);
    if (now) this.#ask(msgid, pending);
  }

  /** Asks the questions that waited for the record. */
  askAll(): void {
    for (const [msgid, pending] of this.#pending) this.#ask(msgid, pending);
  }

  /** Receives the app's answer. */
  *verbs(msgid: string, verbs: readonly Verb[]): Steps {
    const pending = this.#pending.get(msgid);
    if (pending === undefined) return;
    const checked = checkVerbs(verbs);
    const fault = checked.fault ??
      faultOfVerbSizes(verbs, pending.acked ? replaceBy([]) : { type: "ack", msgid });
    if (fault === undefined) {
      for (const verb of checked.newer) this.#ports.newer("verb", verb);
      return yield* this.#settle(msgid, pending, verbs);
    }
    this.#ports.fault(`Cannot answer ${pending.question?.type}: ${fault}`);
    yield* this.#settle(msgid, pending, needsVerbs(pending.question) ? SORRY : []);
  }

  /** Receives the app's error. */
  *threw(msgid: string, error: unknown): Steps {
    const pending = this.#pending.get(msgid);
    if (pending === undefined) return;
    this.#ports.fault(`Cannot answer ${pending.question?.type}: the application threw`, error);
    yield* this.#settle(msgid, pending, SORRY);
  }

  /** Acks without the app's answer, or gives up on the app. */
  *timeout(msgid: string): Steps {
    const pending = this.#pending.get(msgid);
    if (pending === undefined) return;
    if (pending.acked) {
      this.#ports.fault(`Cannot wait any longer for the answer to ${pending.question?.type}`);
      yield* this.#settle(msgid, pending, SORRY);
    } else if (needsVerbs(pending.question)) {
      yield* this.#ack(msgid, WAITING, pending.question);
      pending.acked = true;
      yield timer(deadline(msgid), this.#ports.times.giveUpMs);
    } else {
      yield* this.#ack(msgid, [], pending.question);
      pending.acked = true;
    }
  }

  /** Acks all pending messages without verbs: the call is refused or over. */
  *ackAllEmpty(): Steps {
    for (const [msgid, { acked }] of [...this.#pending]) {
      this.#pending.delete(msgid);
      yield cancel(deadline(msgid));
      if (!acked) yield* this.ackEmpty(msgid);
    }
  }

  /** Acks without verbs, once everything recorded before is on disk. */
  *ackEmpty(msgid: string): Steps {
    this.#pending.set(msgid, { question: undefined, asked: true, acked: false });
    yield timer(deadline(msgid), this.#ports.times.hookDeadlineMs);
    this.#ports.keep(msgid);
  }

  *#settle(
    msgid: string,
    pending: Pending,
    verbs: readonly Verb[],
  ): Steps {
    this.#pending.delete(msgid);
    yield cancel(deadline(msgid));
    if (!pending.acked) return yield* this.#ack(msgid, verbs, pending.question);
    if (verbs.length === 0) return;
    // Too late for the ack: a command replaces what the ack started.
    yield* this.#outlet.say(replaceBy(verbs));
    this.#spoken(verbs);
  }

  *#ack(
    msgid: string,
    verbs: readonly Verb[],
    question: Question | undefined,
  ): Steps {
    const data = verbs.length === 0 ? {} : { data: [...verbs] };
    yield* this.#outlet.say({ type: "ack", msgid, ...data });
    if (needsVerbs(question)) this.#ports.greeted();
    this.#spoken(verbs);
  }

  #spoken(verbs: readonly Verb[]): void {
    for (const text of spokenTexts(verbs)) this.#ports.transcript("assistant", text);
  }

  #ask(msgid: string, pending: Pending): void {
    if (pending.asked || pending.question === undefined) return;
    pending.asked = true;
    this.#ports.question(pending.question, msgid);
  }
}

function deadline(msgid: string): string {
  return `ack ${msgid}`;
}

/** Whether an ack without verbs rejects the call or leaves it silent. */
function needsVerbs(question: Question | undefined): boolean {
  const type = question?.type;
  return type === "session:new" || type === "session:adulting" || type === "session:redirect";
}
