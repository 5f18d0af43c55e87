/**
 * A call app on a jambonz line: what it asks for becomes verbs, in the ack that jambonz waits for or
 * in a command; hooks tell what has come of them.
 * @module
 */
import {
  type AudioData,
  checkLine,
  type Gathered,
  type GatherOptions,
  type PlayEnd,
  type PlayOptions,
} from "../calls/app.ts";
import type * as kept from "../calls/call.ts";
import { SORRY } from "../protocols/jambonz/answers.ts";
import type { JambonzCall, Question } from "../protocols/jambonz/application.ts";
import type { Verb } from "../protocols/jambonz/commands.ts";
import { replaceBy } from "../protocols/jambonz/commands.ts";
import { bestTranscript } from "../protocols/jambonz/transcripts.ts";
import { AppCall, type AppCallParts } from "./app_call.ts";

/** The hooks of apps begin so; jambonz tells them from those of other verbs by nothing else. */
const HOOK = "/app/";

/** A message of jambonz that waits for verbs. */
interface Waiting {
  /** Whether it can be answered without any. */
  readonly takesNone: boolean;
  answer(verbs: readonly Verb[]): void;
}

/** One jambonz call in the hands of its app: the same over all sockets that it has in its time. */
export class JambonzAppCall extends AppCall {
  #handle: JambonzCall;
  #waiting: Waiting | undefined;
  /** What goes out with the next ack or command: verbs that are asked for at once go as one. */
  #batch: Verb[] = [];
  /** Whether it replaces what runs. */
  #replaces = false;
  #flushing = false;
  #hooks = 0;
  #gaveUp = false;
  #answered: boolean;
  #gather: { readonly hook: string; readonly resolve: (gathered: Gathered) => void } | undefined;
  readonly #plays = new Map<string, { name: string; resolve: (end: PlayEnd) => void }>();
  /** Words that a `gather` has taken come once more with the record. */
  #taken: string | undefined;

  constructor(handle: JambonzCall, parts: AppCallParts, resumed: boolean) {
    super(handle.call, parts, resumed);
    this.#handle = handle;
    const { answeredAt, direction } = handle.call;
    this.#answered = answeredAt !== null || direction === "outbound";
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#emit({ verb: "answer" });
  }

  override say(text: string): void {
    this.#answered = true;
    this.#emit({ verb: "say", text });
  }

  play(audio: string | URL | AudioData, options: PlayOptions = {}): Promise<PlayEnd> {
    const url = urlOf(audio);
    if (this.ended) return Promise.resolve("dropped");
    this.#answered = true;
    const actionHook = this.#newHook("played");
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#plays.set(actionHook, { name: options.name ?? url, resolve });
    this.#emit({ verb: "play", url, actionHook });
    return promise;
  }

  gather(options: GatherOptions = {}): Promise<Gathered> {
    const verb = gatherVerb(options);
    const { gone } = this;
    if (gone !== undefined) return Promise.resolve({ by: gone, digits: "", speech: "" });
    this.#answered = true;
    if (this.#gather !== undefined) this.interrupt();
    const hook = this.#newHook("gathered");
    const { promise, resolve } = Promise.withResolvers<Gathered>();
    this.#gather = { hook, resolve };
    this.#emit({ ...verb, actionHook: hook });
    return promise;
  }

  interrupt(): void {
    if (this.ended) return;
    this.endGather("interrupted");
    this.#batch = [];
    this.#dropPlays();
    this.#replaces = true;
    this.record({ type: "interrupted", actor: "app", data: {} });
    this.#handle.clear();
    this.#flushSoon();
  }

  override transfer(number: string): void {
    if (this.ended) return;
    this.release();
    const target = [{ type: "phone", number }];
    this.#replace([{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }]);
  }

  endGather(by: Gathered["by"]): void {
    this.#gather?.resolve({ by, digits: "", speech: "" });
    this.#gather = undefined;
  }

  giveUp(): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.release();
    this.#replace(SORRY);
  }

  /** The app has asked for what jambonz does not take, and may be waiting for what will not come. */
  fault(detail: string): void {
    this.note(detail);
    this.giveUp();
  }

  override over(by: kept.EndedBy): void {
    super.over(by);
    this.#dropPlays();
    this.#batch = [];
    this.#waiting?.answer([]);
  }

  /** The call has a line: its first, or a new one after a loss. What waited goes out. */
  attached(handle: JambonzCall): void {
    this.#handle = handle;
    // The socket that waited for an answer is gone.
    this.#waiting = undefined;
    this.#flushSoon();
  }

  /** A message of jambonz that the app has its say on. */
  ask({ type, hook, data }: Question): readonly Verb[] | Promise<readonly Verb[]> {
    if (type === "dial:confirm" || this.ended) return [];
    if (type === "verb:hook") {
      if (hook !== undefined && this.#heardPlayed(hook)) return [];
      const mine = hook !== undefined && this.#gather?.hook === hook;
      // A hook of another time: after a restart the app has begun anew, and its verbs answer it.
      if (!mine && !(this.resumed && hook?.startsWith(HOOK))) return [];
      if (mine) this.#gathered(data);
    }
    return new Promise((resolve) => {
      this.#waiting?.answer([]);
      this.#waiting = { takesNone: type === "verb:hook", answer: resolve };
      this.#flushSoon();
    });
  }

  protected send(digits: string, durationMs: number): void {
    this.#handle.ask({ kind: "digits", digits, durationMs });
  }

  protected hangUp(): void {
    // Whoever hangs up does not wait for a key.
    if (this.#gather === undefined) this.#emit({ verb: "hangup" });
    else this.#replace([{ verb: "hangup" }]);
  }

  protected override takeWords(msg: string): boolean {
    const taken = this.#taken === msg;
    if (taken) this.#taken = undefined;
    return taken;
  }

  /** The verbs that it waits for are gone. */
  override interrupted(): void {
    this.endGather("interrupted");
    this.#dropPlays();
  }

  /** An app that waits for what happens has no more to say for now. */
  protected override waits(): void {
    if (this.#waiting?.takesNone && this.#batch.length === 0) this.#answerWith([]);
  }

  #gathered(data: Question["data"]): void {
    const digits = typeof data["digits"] === "string" ? data["digits"] : "";
    const speech = bestTranscript(data["speech"]) ?? "";
    if (speech !== "") this.#taken = speech;
    const by = digits !== "" ? "digits" : speech !== "" ? "speech" : "timeout";
    this.#gather?.resolve({ by, digits, speech });
    this.#gather = undefined;
  }

  #heardPlayed(hook: string): boolean {
    const play = this.#plays.get(hook);
    if (play === undefined) return false;
    this.#plays.delete(hook);
    play.resolve("heard");
    this.events.put({ kind: "played", name: play.name });
    return true;
  }

  #dropPlays(): void {
    for (const { resolve } of this.#plays.values()) resolve("dropped");
    this.#plays.clear();
  }

  #newHook(what: string): string {
    return `${HOOK}${what}/${++this.#hooks}${this.resumed ? "r" : ""}`;
  }

  #replace(verbs: readonly Verb[]): void {
    this.endGather("interrupted");
    this.#dropPlays();
    this.#batch = [];
    this.#replaces = true;
    for (const verb of verbs) this.#emit(verb);
  }

  #emit(verb: Verb): void {
    // Verbs would take the caller from whoever has joined.
    if (this.gone !== undefined) return;
    this.#batch.push(verb);
    this.#flushSoon();
  }

  /** In a while that is shorter than any wire, so that what is asked for at once goes as one. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setTimeout(() => {
      this.#flushing = false;
      this.#flush();
    }, 0);
  }

  #flush(): void {
    const nothing = this.#batch.length === 0;
    // What is asked for while the line is away waits for its return.
    if ((nothing && !this.#replaces) || !this.parts.calls.hasLine(this.id)) return;
    if (this.#waiting !== undefined && !nothing) return this.#answerWith(this.#batch);
    const command = replaceBy(this.#batch);
    const queueCommand = !this.#replaces;
    this.#batch = [];
    this.#replaces = false;
    this.#handle.command({ ...command, queueCommand });
  }

  #answerWith(verbs: readonly Verb[]): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#batch = [];
    this.#replaces = false;
    waiting?.answer(verbs);
  }
}

/** What jambonz can fetch by itself. */
function urlOf(audio: string | URL | AudioData): string {
  if (audio instanceof Uint8Array) checkLine("play PCM", "jambonz");
  const url = String(audio);
  if (!/^https?:/i.test(url)) checkLine("play file", "jambonz");
  return url;
}

function gatherVerb(options: GatherOptions): Verb {
  const { say, play, digits, speech = false, finishOn = "#", bargeIn = true } = options;
  const { timeoutMs = 10_000, betweenDigitsMs = 3000 } = options;
  const input = [...(digits === 0 ? [] : ["digits"]), ...(speech ? ["speech"] : [])];
  return {
    verb: "gather",
    input,
    ...(digits === 0 ? {} : {
      ...(digits === undefined ? {} : { maxDigits: digits }),
      ...(finishOn === "" ? {} : { finishOnKey: finishOn }),
      interDigitTimeout: seconds(betweenDigitsMs),
    }),
    timeout: seconds(timeoutMs),
    bargein: bargeIn && speech,
    dtmfBargein: bargeIn,
    listenDuringPrompt: bargeIn,
    ...(say === undefined ? {} : { say: { text: say } }),
    ...(play === undefined ? {} : { play: { url: urlOf(play) } }),
  };
}

/** jambonz counts in whole seconds. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
