/**
 * What the caller of a simulated jambonz call does while its verbs run, and when none does.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import type { Caller } from "./caller.ts";
import type { Connection } from "./connection.ts";
import type { CallAudio } from "./call_audio.ts";
import type { SpeechStream } from "./speech_stream.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** Why a call is over, as call:status says it. */
export interface Ending {
  readonly status: "completed" | "failed" | "busy" | "no-answer";
  readonly by: "caller" | "callee" | "application" | "jambonz";
}

/** What verbs are played on. */
export interface Stage {
  readonly line: Connection;
  readonly caller: Caller;
  readonly speech: SpeechStream;
  readonly media: CallAudio;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly info: CallInfo & { readonly call_sid: string };
  /** What the account has no credentials for. */
  readonly lacks: readonly Lack[];
}

/** Speech that an account may have no credentials for. */
export const LACKS = ["recogniser", "voice"] as const;
/** One of these. */
export type Lack = (typeof LACKS)[number];

/** What a caller's steps do to the call. */
export interface Acting {
  end(ending: Ending): void;
  redirect(verbs: readonly Verb[], append: boolean): void;
  /** Ends the verb that runs, if one does. */
  kill(): void;
}

/** How long a caller takes to react, in simulated seconds. */
export const REACTION_SECONDS = 0.5;
/** A caller with nothing left to do hangs up after this much silence. */
export const PATIENCE_SECONDS = 10;
const KEY_SECONDS = 0.2;

/** The caller of one call. */
export class CallerActs {
  readonly #stage: Stage;
  readonly #call: Acting;

  /** `over` is given when the call is over. */
  constructor(stage: Stage, call: Acting, readonly over: AbortSignal) {
    this.#stage = stage;
    this.#call = call;
  }

  /** Takes the step that hangs up some time after the beginning of the next verb. */
  hangUpDuringVerb(): void {
    const step = this.#stage.caller.takeIf("hangup-after");
    if (step?.kind === "hangup-after") this.#hangUpAfter(step.seconds);
  }

  /** Carries out the next step of the script where it is no answer to a verb. */
  async act(signal: AbortSignal): Promise<void> {
    const step = this.#stage.caller.take();
    switch (step?.kind) {
      case "wait":
        await this.#stage.time.sleep(step.seconds, signal);
        return;
      case "drop":
        return await this.#stage.line.drop();
      case "hangup":
        await this.#stage.time.sleep(REACTION_SECONDS, signal);
        return this.#call.end({ status: "completed", by: "caller" });
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
        this.#stage.timeline.note("nobody waits for that", step);
    }
  }

  /** The caller presses these keys, heard or not. */
  async pressKeys(keys: string, signal: AbortSignal): Promise<void> {
    for (const key of keys) {
      if (!await this.#stage.time.sleep(KEY_SECONDS, signal)) return;
      if (!this.press(key)) this.#stage.timeline.note("nobody waits for that key", key);
    }
  }

  /** The caller presses a key; false where no audio socket hears of it. */
  press(key: string): boolean {
    return this.#stage.media.press(key);
  }

  /** The caller listens: does what comes next, or hangs up on a line that stays silent. */
  async stay(signal: AbortSignal): Promise<void> {
    const { caller, media, time, timeline } = this.#stage;
    if (caller.next !== undefined) {
      // Keys are for an application that hears them: its audio may only now be opened.
      if (caller.next.kind === "dtmf") await this.#audioOpens(PATIENCE_SECONDS, signal);
      if (await time.sleep(REACTION_SECONDS, signal)) await this.act(signal);
      return;
    }
    const silentSeconds = () => media.isOpen ? media.silentSeconds : 0;
    if (!await time.sleep(PATIENCE_SECONDS - silentSeconds(), signal)) return;
    if (media.isOpen && media.silentSeconds < PATIENCE_SECONDS) return;
    timeline.note("the caller hears nothing more and hangs up");
    this.#call.end({ status: "completed", by: "caller" });
  }

  async #audioOpens(withinSeconds: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const over = AbortSignal.any([signal, waiting.signal]);
    this.#stage.time.sleep(withinSeconds, over).then(() => waiting.abort());
    await this.#stage.media.opened(over);
    waiting.abort();
  }

  /** A pause of jambonz: the caller acts where an application listens by itself. */
  async pause(seconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const passing = this.#stage.time.sleep(seconds, signal).then(() => over.abort());
    while (this.#stage.caller.next !== undefined && await this.#stage.media.opened(over.signal)) {
      if (await this.#stage.time.sleep(REACTION_SECONDS, over.signal)) await this.act(over.signal);
    }
    await passing;
  }

  #hangUpAfter(seconds: number): void {
    this.#stage.time.sleep(seconds, this.over).then((passed) => {
      if (passed) this.#call.end({ status: "completed", by: "caller" });
    });
  }

  /** Live call control: another hook of the application takes the call over. */
  async #sendTo(hook: string): Promise<void> {
    const data = { ...this.#stage.info, call_status: "in-progress" };
    const verbs = await this.#stage.line.ask("session:redirect", data, hook);
    if (verbs === undefined) return;
    if (verbs.length === 0) this.#call.kill();
    else this.#call.redirect(verbs, false);
  }
}
