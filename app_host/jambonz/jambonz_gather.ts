/**
 * The `gather` of an app that jambonz carries out: its result comes by hook, from this run of the
 * app or, after a restart, from the one before.
 * @module
 */
import type { Gathered, GatherOptions } from "../../calls/app.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { bestTranscript } from "../../protocols/jambonz/transcripts.ts";
import { question, questionOf } from "./hooks.ts";

interface Current {
  readonly hook: string;
  readonly options: GatherOptions;
  readonly resolve: (gathered: Gathered) => void;
  /** As jambonz was asked last. */
  verb?: Verb;
}

/** What became of a hook. */
export type HookOf = "this gather" | "an earlier gather" | "nothing";

/** The gathers of one run, one at a time. */
export class JambonzGather {
  readonly #resumed: boolean;
  #current: Current | undefined;
  /** What the caller answered before the resumed app has asked again. */
  #early: { readonly question: string; readonly gathered: Gathered } | undefined;
  #hasAsked = false;
  #words: string | undefined;

  /** `resumed` where an earlier run of the app may have asked already. */
  constructor(resumed: boolean) {
    this.#resumed = resumed;
  }

  /** Whether one waits. */
  get isOn(): boolean {
    return this.#current !== undefined;
  }

  /** Whether one waits for keys. */
  get takesKeys(): boolean {
    return this.#current !== undefined && this.#current.options.digits !== 0;
  }

  /** Whether a key or a word stops the prompt. */
  get bargesIn(): boolean {
    return this.#current !== undefined && this.#current.options.bargeIn !== false;
  }

  /** The answer that came before the question: the caller gave it to the run before the restart. */
  takeEarly(options: GatherOptions): Gathered | undefined {
    const early = this.#early;
    this.#early = undefined;
    this.#hasAsked = true;
    return early?.question === question(options) ? early.gathered : undefined;
  }

  /** Begins to wait; the one before must have ended. */
  begin(hook: string, options: GatherOptions): Promise<Gathered> {
    const { promise, resolve } = Promise.withResolvers<Gathered>();
    this.#current = { hook, options, resolve };
    return promise;
  }

  /** The verb that jambonz carries out for the one that waits, where it has been asked already. */
  get verb(): Verb | undefined {
    return this.#current?.verb;
  }

  /** The verb of the one that waits, on its way to jambonz. */
  asked(verb: Verb): Verb {
    const current = this.#current!;
    return current.verb = { ...verb, actionHook: current.hook };
  }

  /** Whether this one still waits. */
  waits(hook: string): boolean {
    return this.#current?.hook === hook;
  }

  /** Ends it without a result. */
  end(by: Gathered["by"]): void {
    this.#current?.resolve({ by, digits: "", speech: "" });
    this.#current = undefined;
  }

  /** It has come to nothing, and its promise is settled in another way. */
  forget(hook: string): void {
    if (this.waits(hook)) this.#current = undefined;
  }

  /** A hook has come. */
  hear(hook: string, data: CallInfo): HookOf {
    if (this.waits(hook)) {
      this.#settle(resultOf(data));
      return "this gather";
    }
    const asked = this.#resumed ? questionOf(hook) : undefined;
    if (asked === undefined) return "nothing";
    const gathered = resultOf(data);
    // Silence answers nothing: the app asks again.
    if (gathered.by !== "digits" && gathered.by !== "speech") return "nothing";
    if (!this.#hasAsked) {
      this.#early = { question: asked, gathered };
      return "an earlier gather";
    }
    if (this.#current === undefined || question(this.#current.options) !== asked) return "nothing";
    this.#settle(gathered);
    return "this gather";
  }

  /** Words that a `gather` has taken come once more with the record; true for these. */
  takeWords(msg: string): boolean {
    if (this.#words !== msg) return false;
    this.#words = undefined;
    return true;
  }

  #settle(gathered: Gathered): void {
    if (gathered.speech !== "") this.#words = gathered.speech;
    this.#current?.resolve(gathered);
    this.#current = undefined;
  }
}

function resultOf(data: CallInfo): Gathered {
  const digits = typeof data["digits"] === "string" ? data["digits"] : "";
  const speech = bestTranscript(data["speech"]) ?? "";
  const failed = data["reason"] === "error";
  const by = digits !== "" ? "digits" : speech !== "" ? "speech" : failed ? "error" : "timeout";
  return { by, digits, speech };
}
