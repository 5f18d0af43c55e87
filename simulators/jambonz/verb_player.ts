/**
 * Carries verbs out as a feature server does, in simulated time, one after the other.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import { type Acting, CallerActs, type Ending, type Stage } from "./caller_steps.ts";
import type { Caller } from "./caller.ts";
import { dial, type DialScene } from "./dial.ts";
import { gather, type GatherScene } from "./gather.ts";
import type { Connection } from "./connection.ts";
import { preconditionOf } from "./preconditions.ts";
import { playOf, spokenSeconds, textOf } from "./prompts.ts";
import { TaskQueue, type TaskScene } from "./task_queue.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** The verbs of one call. */
export class VerbPlayer implements Acting, GatherScene, DialScene, TaskScene {
  readonly line: Connection;
  readonly info: Stage["info"];
  readonly caller: Caller;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  /** Every text that the caller has heard the beginning of, in order. */
  readonly heard: string[] = [];
  readonly #stage: Stage;
  readonly #tasks = new TaskQueue();
  #hasPlayed = false;
  #isAnswered = false;
  #notifiesEvents = false;
  #ending: Ending | undefined;
  readonly #over = new AbortController();
  readonly #acts: CallerActs;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.line = stage.line;
    this.info = stage.info;
    this.caller = stage.caller;
    this.time = stage.time;
    this.timeline = stage.timeline;
    this.#acts = new CallerActs(stage, this, this.#over.signal);
  }

  /** Whether the call is over, or what runs has been replaced. */
  get hasMovedOn(): boolean {
    return this.#tasks.hasMovedOn;
  }

  /** Whether there were verbs. */
  get hasPlayed(): boolean {
    return this.#hasPlayed;
  }

  /** Whether the call has been answered. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Plays until the call is over. */
  async play(verbs: readonly Verb[]): Promise<Ending> {
    this.#hasPlayed = true;
    await this.#tasks.run(verbs, this);
    // Nothing is left to do: jambonz says BYE, or declines a call that nobody has answered.
    return this.#ending ??= { status: this.#isAnswered ? "completed" : "failed", by: "jambonz" };
  }

  /** New verbs: in place of what runs, or behind what waits. */
  redirect(verbs: readonly Verb[], append: boolean): void {
    if (verbs.length === 0) {
      this.timeline.broke("jambonz.redirects", "a redirect without verbs, which ends an idle call");
    }
    this.#tasks.redirect(verbs, append);
  }

  /** The caller or jambonz ends the call, whatever runs. */
  end(ending: Ending): void {
    const { by } = ending;
    const isGivenUp = by === "caller" && !this.#isAnswered;
    this.#ending ??= isGivenUp ? { status: "no-answer", by } : ending;
    this.#over.abort();
    this.#tasks.release();
  }

  /** Ends the verb that runs, if one does. */
  kill(): void {
    this.#tasks.kill();
  }

  /** `call:status`: hangs up a call that has been answered. */
  complete(): void {
    if (this.#isAnswered) this.end({ status: "completed", by: "application" });
    else this.timeline.note("call:status completed is ignored: the call has not been answered");
  }

  /** Runs one verb. */
  async run(verb: Verb, signal: AbortSignal): Promise<void> {
    const { timeline } = this;
    timeline.note(`verb ${verb.verb}`, verbDetail(verb));
    this.#acts.hangUpDuringVerb();
    await this.#tellStatus(verb, "starting");
    const precondition = preconditionOf(verb);
    if (precondition === "media") await this.answer();
    const isMet = precondition === "answered"
      ? this.#isAnswered
      : precondition !== "unanswered" || !this.#isAnswered;
    if (!isMet) return timeline.note(`${verb.verb} is skipped: ${unmet(precondition)}`);
    await this.#perform(verb, signal);
    await this.#tellStatus(verb, "finished");
  }

  /** No verbs are left: jambonz waits for commands, the caller for something to happen. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#acts.stay(signal);
  }

  /** Carries out the next step of the script where it is no answer to a verb. */
  act(signal: AbortSignal): Promise<void> {
    return this.#acts.act(signal);
  }

  /** The caller presses these keys, heard or not. */
  pressKeys(keys: string, signal: AbortSignal): Promise<void> {
    return this.#acts.pressKeys(keys, signal);
  }

  /** The caller presses a key; false where no audio socket hears of it. */
  press(key: string): boolean {
    return this.#acts.press(key);
  }

  /** What a config says, as a verb or a command. */
  async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
    if (config["notifyEvents"] === true) this.#notifiesEvents = true;
    const { enable } = (config["ttsStream"] ?? {}) as { enable?: boolean };
    if (enable === true) this.#stage.speech.open();
    if (enable === false) this.#stage.speech.close();
    const listen = config["listen"] ?? config["stream"];
    if (listen !== undefined) {
      await this.#stage.media.configure(listen as Readonly<Record<string, unknown>>);
    }
  }

  /** Media is needed: the call is answered. */
  async answer(): Promise<void> {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const answered = { call_status: "in-progress", sip_status: 200, sip_reason: "OK" };
    await this.line.tell("call:status", { ...this.info, ...answered });
  }

  async #tellStatus({ verb: name, id }: Verb, event: string): Promise<void> {
    if (this.#notifiesEvents) await this.line.tell("verb:status", { event, name, id });
  }

  async #perform(verb: Verb, signal: AbortSignal): Promise<void> {
    switch (verb.verb) {
      case "say":
        if (verb["stream"] === true) this.#stage.speech.open();
        if (!await this.speak(verb, verb)) return;
        await this.time.sleep(spokenSeconds(verb, undefined), signal);
        return;
      case "play":
        return await this.#play(verb, signal);
      case "answer":
        return;
      case "pause":
        return await this.#acts.pause(Number(verb["length"] ?? 1), signal);
      case "listen":
      case "stream":
        return await this.#listenTo(verb, signal);
      case "gather": {
        const result = await gather(verb, this, signal);
        if (result !== undefined) await this.#hook(verb["actionHook"], { ...result });
        return;
      }
      case "dial":
        return await this.#hook(verb["actionHook"], { ...await dial(verb, this, signal) });
      case "redirect":
        return await this.#hook(verb["actionHook"], {});
      case "config":
        return await this.configure(verb);
      case "hangup":
        return this.end({ status: "completed", by: "application" });
      case "sip:decline":
        return this.end({ status: verb["status"] === 486 ? "busy" : "failed", by: "application" });
      default:
        this.timeline.note(`${verb.verb} is not simulated: it is done at once`);
    }
  }

  /** The caller hears the beginning of a say; false where the account has no voice. */
  async speak(say: unknown, { id }: Verb): Promise<boolean> {
    const text = textOf(say);
    if (text === "") return true;
    if (this.#stage.lacks.includes("voice")) {
      await this.#tellError("TTS error", "TTS vendor google error: no credentials", "say", id);
      return false;
    }
    this.heard.push(text);
    return true;
  }

  /**
   * Whether there is a recogniser; where there is none, jambonz:error is all that is said of it.
   */
  async recognises({ verb, id }: Verb): Promise<boolean> {
    if (!this.#stage.lacks.includes("recogniser")) return true;
    await this.#tellError("ASR error", "Invalid vendor google, Error: no credentials", verb, id);
    return false;
  }

  #tellError(msg: string, details: string, verb: string, id: unknown): Promise<void> {
    return this.line.tell("jambonz:error", {
      msg,
      details,
      failover: "not available",
      verb,
      ...(id === undefined ? {} : { id }),
    });
  }

  async #play(verb: Verb, signal: AbortSignal): Promise<void> {
    const playing = playOf(verb["url"]);
    if (playing === "not found") {
      return await this.#hook(verb["actionHook"], { status: "fail", reason: "playFailed" });
    }
    // Whatever else goes wrong with a file is written in the server's log, and nowhere else.
    if (playing === "unplayable") return this.timeline.note("the file cannot be played");
    await this.time.sleep(spokenSeconds(undefined, verb["url"]), signal);
    // One that is killed tells the same: `if (this.killed || …) performAction` in
    // lib/tasks/play.js.
    if (this.#ending === undefined) {
      await this.#hook(verb["actionHook"], { reason: "playCompleted" });
    }
  }

  /** A listen verb runs until somebody ends it. */
  async #listenTo(verb: Verb, signal: AbortSignal): Promise<void> {
    const fromMs = this.time.nowMs;
    const audio = await this.#stage.media.listen(verb);
    if (audio !== undefined) {
      const over = AbortSignal.any([signal, audio.over]);
      while (!over.aborted) await this.#acts.stay(over);
      await (signal.aborted ? audio.stop() : audio.done);
    }
    if (signal.aborted) return;
    await this.#hook(verb["actionHook"], {
      dial_call_duration: Math.round((this.time.nowMs - fromMs) / 1000),
      ...(audio?.finishedBy === undefined ? {} : { digits: audio.finishedBy }),
    });
  }

  /** Tells what a verb came to; verbs in the ack replace what waits. */
  async #hook(actionHook: unknown, result: CallInfo): Promise<void> {
    const hook = typeof actionHook === "object" && actionHook !== null
      ? (actionHook as { url?: unknown }).url
      : actionHook;
    if (typeof hook !== "string") return;
    if (this.caller.takeIf("drop-hook") !== undefined) {
      // jambonz fails what waits on a socket that closes, and the verb is over:
      // lib/utils/ws-requestor.js.
      this.timeline.note("the hook is lost with the socket", hook);
      return await this.line.lose();
    }
    const data = { ...this.info, call_status: "in-progress", ...result };
    const verbs = await this.line.ask("verb:hook", data, hook);
    if (verbs !== undefined && verbs.length > 0) this.#tasks.redirect(verbs, false);
  }
}

function unmet(precondition: "answered" | string): string {
  return `the call has ${precondition === "answered" ? "not " : ""}been answered`;
}

function verbDetail(verb: Verb): unknown {
  const text = textOf(verb) || textOf(verb["say"]);
  return text === "" ? undefined : { text };
}
