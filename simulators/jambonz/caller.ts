/**
 * The caller of a simulated jambonz call: does the steps of a script in order, each when a person
 * could.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallContext, Ending } from "./call_context.ts";
import type { Step } from "./script.ts";

/** What a caller's steps do to the call. */
export interface CallControl {
  end(ending: Ending): void;
  redirect(verbs: readonly Verb[], append: boolean): void;
  /** Ends the running verb, if there is one. */
  kill(): void;
}

/** The reaction time of a caller, in simulated seconds. */
export const REACTION_SECONDS = 0.5;
/** A caller without further steps hangs up after this much silence, in simulated seconds. */
export const MAX_SILENT_SECONDS = 10;
/** The time for each key, in simulated seconds. */
export const KEY_SECONDS = 0.2;

/** The caller of one call. */
export class Caller {
  readonly #call: CallContext;
  readonly #control: CallControl;
  readonly #over: AbortSignal;
  readonly #steps: Step[];

  /** `over` is aborted when the call is over. */
  constructor(call: CallContext, control: CallControl, over: AbortSignal) {
    this.#call = call;
    this.#control = control;
    this.#over = over;
    this.#steps = [...call.script];
  }

  /** The next step; undefined at the end of the script. */
  get next(): Step | undefined {
    return this.#steps[0];
  }

  /** Takes the next step if it is one of these. */
  takeIf(...kinds: readonly Step["kind"][]): Step | undefined {
    const { next } = this;
    return next !== undefined && kinds.includes(next.kind) ? this.#steps.shift() : undefined;
  }

  /** Takes the step that hangs up some time after the beginning of the next verb. */
  hangUpDuringVerb(): void {
    const step = this.takeIf("hangup-after");
    if (step?.kind === "hangup-after") this.#hangUpAfter(step.seconds);
  }

  /** Does the next step, which is no answer to a verb. */
  async act(signal: AbortSignal): Promise<void> {
    const step = this.#steps.shift();
    switch (step?.kind) {
      case "wait":
        await this.#call.time.sleep(step.seconds, signal);
        return;
      case "drop":
        return await this.#call.connection.dropAndReturn();
      case "hangup":
        await this.#call.time.sleep(REACTION_SECONDS, signal);
        return this.#control.end({ status: "completed", by: "caller" });
      case "hangup-after":
        return this.#hangUpAfter(step.seconds);
      case "dtmf":
        return await this.pressKeys(step.digits, signal);
      case "redirect":
        return await this.#redirect(step.hook);
      case "interrupt":
        return this.#call.speech.interrupt();
      case undefined:
        return;
      default:
        this.#call.timeline.note("no verb waits for this step", step);
    }
  }

  /** Presses keys, whether anything listens or not. */
  async pressKeys(keys: string, signal: AbortSignal): Promise<void> {
    const { audio, time, timeline } = this.#call;
    for (const key of keys) {
      if (!await time.sleep(KEY_SECONDS, signal)) return;
      if (!audio.press(key)) timeline.note("nothing listens for this key", key);
    }
  }

  /** Listens: does the next step, or hangs up on a line that stays silent. */
  async listen(signal: AbortSignal): Promise<void> {
    const { audio, time, timeline } = this.#call;
    if (this.next !== undefined) {
      // A key waits for the application's audio, which hears it.
      if (this.next.kind === "dtmf") await this.#audioOpens(MAX_SILENT_SECONDS, signal);
      if (await time.sleep(REACTION_SECONDS, signal)) await this.act(signal);
      return;
    }
    const silentSeconds = () => audio.isOpen ? audio.silentSeconds : 0;
    if (!await time.sleep(MAX_SILENT_SECONDS - silentSeconds(), signal)) return;
    if (audio.isOpen && audio.silentSeconds < MAX_SILENT_SECONDS) return;
    timeline.note("the caller hears nothing more and hangs up");
    this.#control.end({ status: "completed", by: "caller" });
  }

  /** Waits through a pause verb, with steps while an application listens by itself. */
  async pause(seconds: number, signal: AbortSignal): Promise<void> {
    const { audio, time } = this.#call;
    const over = new AbortController();
    const passing = time.sleep(seconds, signal).then(() => over.abort());
    while (this.next !== undefined && await audio.opened(over.signal)) {
      if (await time.sleep(REACTION_SECONDS, over.signal)) await this.act(over.signal);
    }
    await passing;
  }

  async #audioOpens(withinSeconds: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const over = AbortSignal.any([signal, waiting.signal]);
    this.#call.time.sleep(withinSeconds, over).then(() => waiting.abort());
    await this.#call.audio.opened(over);
    waiting.abort();
  }

  #hangUpAfter(seconds: number): void {
    this.#call.time.sleep(seconds, this.#over).then((passed) => {
      if (passed) this.#control.end({ status: "completed", by: "caller" });
    });
  }

  /** Live call control: the call continues with another hook of the application. */
  async #redirect(hook: string): Promise<void> {
    const { connection, info } = this.#call;
    const data = { ...info, call_status: "in-progress" };
    const verbs = await connection.request("session:redirect", data, hook);
    if (verbs === undefined) return;
    if (verbs.length === 0) this.#control.kill();
    else this.#control.redirect(verbs, false);
  }
}
