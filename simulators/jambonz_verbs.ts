/**
 * Carries verbs out as a feature server does, in simulated time, one after the other.
 * @module
 */
import type { Verb } from "../protocols/jambonz/commands.ts";
import type { CallInfo } from "../protocols/jambonz/messages.ts";
import { Caller } from "./jambonz_caller.ts";
import { dial, type DialScene } from "./jambonz_dial.ts";
import { gather, type GatherScene } from "./jambonz_gather.ts";
import type { JambonzLine } from "./jambonz_line.ts";
import type { JambonzMedia } from "./jambonz_media.ts";
import { spokenSeconds, textOf } from "./jambonz_prompts.ts";
import type { SpeechStream } from "./jambonz_speech.ts";
import type { SimulatedTime } from "./simulated_time.ts";
import type { Timeline } from "./timeline.ts";

/** Why a call is over, as call:status says it. */
export interface Ending {
  readonly status: "completed" | "failed" | "busy";
  readonly by: "caller" | "callee" | "application" | "jambonz";
}

/** What verbs are played on. */
export interface Stage {
  readonly line: JambonzLine;
  readonly caller: Caller;
  readonly speech: SpeechStream;
  readonly media: JambonzMedia;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly info: CallInfo & { readonly call_sid: string };
}

const REACTION_SECONDS = 0.5;
/** A caller with nothing left to do hangs up on a line that stays silent for so long. */
export const PATIENCE_SECONDS = 10;
const KEY_SECONDS = 0.2;

/** The verbs of one call. */
export class VerbPlayer implements GatherScene, DialScene {
  readonly line: JambonzLine;
  readonly info: Stage["info"];
  readonly caller: Caller;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly reactionSeconds = REACTION_SECONDS;
  /** Every text that the caller has heard the beginning of, in order. */
  readonly heard: string[] = [];
  readonly #stage: Stage;
  #queue: Verb[] = [];
  #current = new AbortController();
  #ending: Ending | undefined;
  readonly #over = new AbortController();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.line = stage.line;
    this.info = stage.info;
    this.caller = stage.caller;
    this.time = stage.time;
    this.timeline = stage.timeline;
  }

  /** Whether the call is over, or what runs has been replaced. */
  get hasMovedOn(): boolean {
    return this.#ending !== undefined || this.#current.signal.aborted;
  }

  /** Plays until the call is over. */
  async play(verbs: readonly Verb[]): Promise<Ending> {
    this.#queue = [...verbs];
    while (this.#ending === undefined) {
      const { signal } = this.#current = new AbortController();
      const verb = this.#queue.shift();
      if (verb === undefined) await this.#wait(signal);
      else await this.#carryOut(verb, signal);
    }
    return this.#ending;
  }

  /** New verbs: in place of what runs, or behind what waits. */
  redirect(verbs: readonly Verb[], append: boolean): void {
    if (append) {
      const wasIdle = this.#queue.length === 0;
      this.#queue.push(...verbs);
      if (wasIdle && this.#idle) this.#current.abort();
      return;
    }
    this.#queue = [...verbs];
    this.#current.abort();
  }

  /** The call is over, whatever runs. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#over.abort();
    this.#current.abort();
  }

  /** Carries out the next step of the script where it is no answer to a verb. */
  async act(signal: AbortSignal): Promise<void> {
    const step = this.caller.take();
    switch (step?.kind) {
      case "wait":
        await this.time.sleep(step.seconds, signal);
        return;
      case "drop":
        return await this.line.drop();
      case "hangup":
        await this.time.sleep(REACTION_SECONDS, signal);
        return this.end({ status: "completed", by: "caller" });
      case "hangup-after":
        return this.#hangUpAfter(step.seconds);
      case "dtmf":
        return await this.pressKeys(step.digits, signal);
      case "redirect":
        return await this.#sendTo(step.hook);
      case "interrupt":
        return this.#stage.speech.interrupt();
      case undefined:
        return;
      default:
        this.timeline.note("nobody waits for that", step);
    }
  }

  /** The caller presses these, whoever hears of it. */
  async pressKeys(keys: string, signal: AbortSignal): Promise<void> {
    for (const key of keys) {
      if (!await this.time.sleep(KEY_SECONDS, signal)) return;
      if (!this.press(key)) this.timeline.note("nobody waits for that key", key);
    }
  }

  /** The caller presses a key; false where no audio socket hears of it. */
  press(key: string): boolean {
    return this.#stage.media.press(key);
  }

  /** What a config says, as a verb or a command. */
  async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
    const { enable } = (config["ttsStream"] ?? {}) as { enable?: boolean };
    if (enable === true) this.#stage.speech.open();
    if (enable === false) this.#stage.speech.close();
    const listen = config["listen"] ?? config["stream"];
    if (listen !== undefined) {
      await this.#stage.media.configure(listen as Readonly<Record<string, unknown>>);
    }
  }

  #hangUpAfter(seconds: number): void {
    this.time.sleep(seconds, this.#over.signal).then((passed) => {
      if (passed) this.end({ status: "completed", by: "caller" });
    });
  }

  /** Live call control: another hook of the application takes the call over. */
  async #sendTo(hook: string): Promise<void> {
    const data = { ...this.info, call_status: "in-progress" };
    const verbs = await this.line.ask("session:redirect", data, hook);
    if (verbs !== undefined && verbs.length > 0) this.redirect(verbs, false);
  }

  #idle = false;

  /** No verbs are left: jambonz waits for commands, the caller for something to happen. */
  async #wait(signal: AbortSignal): Promise<void> {
    this.#idle = true;
    await this.#stay(signal);
    this.#idle = false;
  }

  /** The caller listens: does what comes next, or hangs up on a line that stays silent. */
  async #stay(signal: AbortSignal): Promise<void> {
    const { caller, time } = this;
    const { media } = this.#stage;
    if (caller.next !== undefined) {
      // Keys are for an application that hears them: its audio may only now be opened.
      if (caller.next.kind === "dtmf") await this.#audioOpens(PATIENCE_SECONDS, signal);
      if (await time.sleep(REACTION_SECONDS, signal)) await this.act(signal);
      return;
    }
    const silentSeconds = () => media.isOpen ? media.silentSeconds : 0;
    if (!await time.sleep(PATIENCE_SECONDS - silentSeconds(), signal)) return;
    if (media.isOpen && media.silentSeconds < PATIENCE_SECONDS) return;
    this.timeline.note("the caller hears nothing more and hangs up");
    this.end({ status: "completed", by: "caller" });
  }

  async #audioOpens(withinSeconds: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const over = AbortSignal.any([signal, waiting.signal]);
    this.time.sleep(withinSeconds, over).then(() => waiting.abort());
    await this.#stage.media.opened(over);
    waiting.abort();
  }

  async #carryOut(verb: Verb, signal: AbortSignal): Promise<void> {
    const { line } = this;
    const id = typeof verb["id"] === "string" ? verb["id"] : undefined;
    const name = verb.verb;
    this.timeline.note(`verb ${name}`, verbGist(verb));
    const hangUp = this.caller.takeIf("hangup-after");
    if (hangUp?.kind === "hangup-after") this.#hangUpAfter(hangUp.seconds);
    if (id !== undefined) await line.tell("verb:status", { event: "starting", name, id });
    await this.#perform(verb, signal);
    if (id !== undefined) await line.tell("verb:status", { event: "finished", name, id });
  }

  async #perform(verb: Verb, signal: AbortSignal): Promise<void> {
    switch (verb.verb) {
      case "say":
        if (verb["stream"] === true) this.#stage.speech.open();
        this.#hears(textOf(verb));
        await this.time.sleep(spokenSeconds(verb, undefined), signal);
        return;
      case "play":
        await this.time.sleep(spokenSeconds(undefined, verb["url"]), signal);
        return;
      case "answer":
        // The call has been answered as soon as there were verbs.
        return;
      case "pause":
        return await this.#pause(Number(verb["length"] ?? 1), signal);
      case "listen":
      case "stream":
        return await this.#listenTo(verb, signal);
      case "gather": {
        this.#hears(textOf(verb["say"]));
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

  #hears(text: string): void {
    if (text !== "") this.heard.push(text);
  }

  /** Silence of jambonz: the caller acts where an application listens by itself. */
  async #pause(seconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const passing = this.time.sleep(seconds, signal).then(() => over.abort());
    while (this.caller.next !== undefined && await this.#stage.media.opened(over.signal)) {
      if (await this.time.sleep(REACTION_SECONDS, over.signal)) await this.act(over.signal);
    }
    await passing;
  }

  /** A listen verb runs until somebody ends it. */
  async #listenTo(verb: Verb, signal: AbortSignal): Promise<void> {
    const fromMs = this.time.nowMs;
    const audio = await this.#stage.media.listen(verb);
    if (audio !== undefined) {
      const over = AbortSignal.any([signal, audio.over]);
      while (!over.aborted) await this.#stay(over);
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
    const data = { ...this.info, call_status: "in-progress", ...result };
    const verbs = await this.line.ask("verb:hook", data, hook);
    if (verbs !== undefined && verbs.length > 0) this.#queue = [...verbs];
  }
}

function verbGist(verb: Verb): unknown {
  const text = textOf(verb) || textOf(verb["say"]);
  return text === "" ? undefined : { text };
}
