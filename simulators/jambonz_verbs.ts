/**
 * Carries verbs out as a feature server does, in simulated time, one after the other.
 * @module
 */
import type { Verb } from "../protocols/jambonz/commands.ts";
import type { CallInfo } from "../protocols/jambonz/messages.ts";
import { Caller } from "./jambonz_caller.ts";
import { gather, type GatherScene } from "./jambonz_gather.ts";
import type { JambonzLine } from "./jambonz_line.ts";
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
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly info: CallInfo & { readonly call_sid: string };
}

const REACTION_SECONDS = 0.5;
/** A caller with nothing left to do hangs up on a line that stays silent for so long. */
const PATIENCE_SECONDS = 10;
const RING_SECONDS = 1;
const TALK_SECONDS = 5;

/** The verbs of one call. */
export class VerbPlayer implements GatherScene {
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

  constructor(stage: Stage) {
    this.#stage = stage;
    this.caller = stage.caller;
    this.time = stage.time;
    this.timeline = stage.timeline;
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
        return await this.#stage.line.drop();
      case "hangup":
        await this.time.sleep(REACTION_SECONDS, signal);
        return this.end({ status: "completed", by: "caller" });
      case "interrupt":
        return this.#stage.speech.interrupt();
      case undefined:
        return;
      default:
        this.timeline.note("nobody waits for that", step);
    }
  }

  #idle = false;

  /** No verbs are left: jambonz waits for commands, the caller for something to happen. */
  async #wait(signal: AbortSignal): Promise<void> {
    this.#idle = true;
    if (this.caller.next !== undefined) {
      if (await this.time.sleep(REACTION_SECONDS, signal)) await this.act(signal);
    } else if (await this.time.sleep(PATIENCE_SECONDS, signal)) {
      this.timeline.note("the caller hears nothing more and hangs up");
      this.end({ status: "completed", by: "caller" });
    }
    this.#idle = false;
  }

  async #carryOut(verb: Verb, signal: AbortSignal): Promise<void> {
    const { line } = this.#stage;
    const id = typeof verb["id"] === "string" ? verb["id"] : undefined;
    const name = verb.verb;
    this.timeline.note(`verb ${name}`, verbGist(verb));
    if (id !== undefined) await line.tell("verb:status", { event: "starting", name, id });
    await this.#perform(verb, signal);
    if (id !== undefined) await line.tell("verb:status", { event: "finished", name, id });
  }

  async #perform(verb: Verb, signal: AbortSignal): Promise<void> {
    switch (verb.verb) {
      case "say":
        if (verb["stream"] === true) this.#stage.speech.open();
        this.#hears(textOf(verb));
        await this.#listen(spokenSeconds(verb, undefined), signal);
        return;
      case "play":
        await this.#listen(spokenSeconds(undefined, verb["url"]), signal);
        return;
      case "pause":
        await this.#listen(Number(verb["length"] ?? 1), signal);
        return;
      case "gather": {
        this.#hears(textOf(verb["say"]));
        const result = await gather(verb, this, signal);
        if (result !== undefined) await this.#hook(verb["actionHook"], { ...result });
        return;
      }
      case "dial":
        return await this.#dial(verb, signal);
      case "redirect":
        return await this.#hook(verb["actionHook"], {});
      case "config": {
        const { enable } = (verb["ttsStream"] ?? {}) as { enable?: boolean };
        if (enable === true) this.#stage.speech.open();
        if (enable === false) this.#stage.speech.close();
        return;
      }
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

  /** Listens for so long; the caller may act meanwhile, but answers nothing. */
  async #listen(seconds: number, signal: AbortSignal): Promise<void> {
    await this.time.sleep(seconds, signal);
  }

  /** Tells what a verb came to; verbs in the ack replace what waits. */
  async #hook(actionHook: unknown, result: CallInfo): Promise<void> {
    const hook = typeof actionHook === "object" && actionHook !== null
      ? (actionHook as { url?: unknown }).url
      : actionHook;
    if (typeof hook !== "string") return;
    const data = { ...this.#stage.info, call_status: "in-progress", ...result };
    const verbs = await this.#stage.line.ask("verb:hook", data, hook);
    if (verbs !== undefined && verbs.length > 0) this.#queue = [...verbs];
  }

  async #dial(verb: Verb, signal: AbortSignal): Promise<void> {
    const { line, info } = this.#stage;
    const dial_call_sid = crypto.randomUUID();
    const [target] = [verb["target"]].flat() as { number?: string; name?: string }[];
    const leg = {
      call_sid: dial_call_sid,
      parent_call_sid: info.call_sid,
      direction: "outbound",
      from: info.from,
      to: target?.number ?? target?.name ?? "unknown",
    };
    const status = (call_status: string) => line.tell("call:status", { ...leg, call_status });
    const over = async (dial_call_status: string) => {
      await status(dial_call_status);
      await this.#hook(verb["actionHook"], { dial_call_status, dial_call_sid });
    };
    await status("trying");
    await status("ringing");
    await this.time.sleep(RING_SECONDS, signal);
    const refused = this.caller.takeIf("busy", "no-answer");
    if (refused !== undefined) return await over(refused.kind);
    if (typeof verb["confirmHook"] === "string" && !signal.aborted) {
      await line.ask("dial:confirm", leg, verb["confirmHook"]);
    }
    await status("in-progress");
    this.timeline.note("caller and called talk", { to: leg.to });
    while (!signal.aborted) {
      if (this.caller.takeIf("callee-hangup") !== undefined) break;
      if (this.caller.next === undefined) {
        await this.time.sleep(TALK_SECONDS, signal);
        break;
      }
      await this.act(signal);
    }
    await over("completed");
  }
}

function verbGist(verb: Verb): unknown {
  const text = textOf(verb) || textOf(verb["say"]);
  return text === "" ? undefined : { text };
}
