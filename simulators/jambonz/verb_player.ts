/**
 * Executes verbs as a feature server does, in simulated time, one after the other.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import type { CallContext, Ending } from "./call_context.ts";
import { type CallControl, Caller } from "./caller.ts";
import { dial } from "./dial.ts";
import { gather } from "./gather.ts";
import { preconditionOf } from "./preconditions.ts";
import { playOf, spokenSeconds, textOf } from "./prompts.ts";
import { SpeechServices } from "./speech_services.ts";
import { TaskQueue, type TaskRunner } from "./task_queue.ts";

/** The verbs of one call. */
export class VerbPlayer implements CallControl, TaskRunner {
  /** Whether there were verbs. */
  hasPlayed = false;
  /** Whether the call has been answered. */
  isAnswered = false;
  readonly #call: CallContext;
  readonly #speech: SpeechServices;
  readonly #caller: Caller;
  readonly #tasks = new TaskQueue();
  readonly #over = new AbortController();
  #notifiesEvents = false;
  #ending: Ending | undefined;

  constructor(call: CallContext) {
    this.#call = call;
    this.#speech = new SpeechServices(call);
    this.#caller = new Caller(call, this, this.#over.signal);
  }

  /** Whether the call is over, or the running verb has been replaced. */
  get hasMovedOn(): boolean {
    return this.#tasks.hasMovedOn;
  }

  /** Every text that the caller has heard the beginning of, in order. */
  get heard(): readonly string[] {
    return this.#speech.spoken;
  }

  /** Plays until the call is over. */
  async play(verbs: readonly Verb[]): Promise<Ending> {
    this.hasPlayed = true;
    await this.#tasks.run(verbs, this);
    // No verb is left: jambonz sends BYE, or declines a call that has not been answered.
    return this.#ending ??= { status: this.isAnswered ? "completed" : "failed", by: "jambonz" };
  }

  /** New verbs: they replace the others, or follow them. */
  redirect(verbs: readonly Verb[], append: boolean): void {
    if (verbs.length === 0) {
      this.#call.timeline.broke(
        "jambonz.redirects",
        "a redirect without verbs, which ends an idle call",
      );
    }
    this.#tasks.redirect(verbs, append);
  }

  /** Ends the call, whatever verb runs. */
  end(ending: Ending): void {
    const { by } = ending;
    const isGivenUp = by === "caller" && !this.isAnswered;
    this.#ending ??= isGivenUp ? { status: "no-answer", by } : ending;
    this.#over.abort();
    this.#tasks.release();
  }

  /** Ends the running verb, if there is one. */
  kill(): void {
    this.#tasks.kill();
  }

  /** The command `call:status` hangs an answered call up. */
  complete(): void {
    if (this.isAnswered) this.end({ status: "completed", by: "application" });
    else {this.#call.timeline.note(
        "call:status completed is ignored: the call has not been answered",
      );}
  }

  /** Runs one verb. */
  async run(verb: Verb, signal: AbortSignal): Promise<void> {
    const { timeline } = this.#call;
    timeline.note(`verb ${verb.verb}`, verbDetail(verb));
    this.#caller.hangUpDuringVerb();
    await this.#sendStatus(verb, "starting");
    const precondition = preconditionOf(verb);
    if (precondition === "media") await this.answer();
    const isMet = precondition === "answered"
      ? this.isAnswered
      : precondition !== "unanswered" || !this.isAnswered;
    if (!isMet) return timeline.note(`${verb.verb} is skipped: ${unmet(precondition)}`);
    await this.#perform(verb, signal);
    await this.#sendStatus(verb, "finished");
  }

  /** No verb is left: jambonz waits for commands, and the caller listens. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#caller.listen(signal);
  }

  /** Applies a config, as a verb or a command. */
  async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
    if (config["notifyEvents"] === true) this.#notifiesEvents = true;
    const { enable } = (config["ttsStream"] ?? {}) as { enable?: boolean };
    if (enable === true) this.#call.speech.open();
    if (enable === false) this.#call.speech.close();
    const listen = config["listen"] ?? config["stream"];
    if (listen !== undefined) {
      await this.#call.audio.configure(listen as Readonly<Record<string, unknown>>);
    }
  }

  /** Answers the call if it is not answered. */
  async answer(): Promise<void> {
    if (this.isAnswered) return;
    this.isAnswered = true;
    const answered = { call_status: "in-progress", sip_status: 200, sip_reason: "OK" };
    await this.#call.connection.notify("call:status", { ...this.#call.info, ...answered });
  }

  async #sendStatus({ verb: name, id }: Verb, event: string): Promise<void> {
    if (this.#notifiesEvents) {
      await this.#call.connection.notify("verb:status", { event, name, id });
    }
  }

  async #perform(verb: Verb, signal: AbortSignal): Promise<void> {
    switch (verb.verb) {
      case "say":
        if (verb["stream"] === true) this.#call.speech.open();
        if (!await this.#speech.speak(verb, verb)) return;
        await this.#call.time.sleep(spokenSeconds(verb, undefined), signal);
        return;
      case "play":
        return await this.#play(verb, signal);
      case "answer":
        return;
      case "pause":
        return await this.#caller.pause(Number(verb["length"] ?? 1), signal);
      case "listen":
      case "stream":
        return await this.#listenTo(verb, signal);
      case "gather": {
        const result = await gather(verb, this.#call, this.#caller, this.#speech, signal);
        if (result !== undefined) await this.#hook(verb["actionHook"], { ...result });
        return;
      }
      case "dial":
        return await this.#hook(verb["actionHook"], {
          ...await dial(verb, this.#call, this.#caller, () => this.answer(), signal),
        });
      case "redirect":
        return await this.#hook(verb["actionHook"], {});
      case "config":
        return await this.configure(verb);
      case "hangup":
        return this.end({ status: "completed", by: "application" });
      case "sip:decline":
        return this.end({ status: verb["status"] === 486 ? "busy" : "failed", by: "application" });
      default:
        this.#call.timeline.note(`${verb.verb} is not simulated and does nothing`);
    }
  }

  async #play(verb: Verb, signal: AbortSignal): Promise<void> {
    const playing = playOf(verb["url"]);
    if (playing === "not found") {
      return await this.#hook(verb["actionHook"], { status: "fail", reason: "playFailed" });
    }
    // jambonz only logs other errors of a file.
    if (playing === "unplayable") return this.#call.timeline.note("the file cannot be played");
    await this.#call.time.sleep(spokenSeconds(undefined, verb["url"]), signal);
    // A killed one sends the same hook: `if (this.killed || …) performAction` in lib/tasks/play.js.
    if (this.#ending === undefined) {
      await this.#hook(verb["actionHook"], { reason: "playCompleted" });
    }
  }

  /** Runs a listen verb until either side ends it. */
  async #listenTo(verb: Verb, signal: AbortSignal): Promise<void> {
    const fromMs = this.#call.time.nowMs;
    const audio = await this.#call.audio.listen(verb);
    if (audio !== undefined) {
      const over = AbortSignal.any([signal, audio.over]);
      while (!over.aborted) await this.#caller.listen(over);
      await (signal.aborted ? audio.stop() : audio.done);
    }
    if (signal.aborted) return;
    await this.#hook(verb["actionHook"], {
      dial_call_duration: Math.round((this.#call.time.nowMs - fromMs) / 1000),
      digits: audio?.finishedBy,
    });
  }

  /** Sends the result of a verb; verbs in the ack replace the others. */
  async #hook(actionHook: unknown, result: CallInfo): Promise<void> {
    const hook = typeof actionHook === "object" && actionHook !== null
      ? (actionHook as { url?: unknown }).url
      : actionHook;
    if (typeof hook !== "string") return;
    if (this.#caller.takeIf("drop-hook") !== undefined) {
      // jambonz drops requests on a socket that closes, and the verb ends:
      // lib/utils/ws-requestor.js.
      this.#call.timeline.note("the hook is lost with the socket", hook);
      return await this.#call.connection.drop();
    }
    const data = { ...this.#call.info, call_status: "in-progress", ...result };
    const verbs = await this.#call.connection.request("verb:hook", data, hook);
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
