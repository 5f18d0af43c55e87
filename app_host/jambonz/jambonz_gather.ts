/**
 * A `gather` on a jambonz line: a verb, and the hook with its result. jambonz repeats a hook until it
 * is acked, so a hook may belong to the app's run before a restart.
 * @module
 */
import { createHash } from "node:crypto";
import type { AudioData, Gathered, PlayEnd } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import { bestTranscript } from "../../protocols/jambonz/transcripts.ts";
import type { GatherHere } from "../gather_here.ts";
import { audioName, pcmOfBytes, readRecording, urlOf } from "../playable.ts";

const HOOK = "/app/gathered/";

interface Current {
  readonly hook: string;
  readonly options: GatherHere;
  readonly resolve: (gathered: Gathered) => void;
  /** The verb as last sent. */
  verb?: Verb;
}

/** Which gather a hook belongs to. */
export type HookOf = "this gather" | "an earlier gather" | "nothing";

/** What a gather needs from its call. */
export interface JambonzGatherPorts {
  /** Sends a verb behind the running ones; it answers the call. */
  emit(verb: Verb): void;
  /** The same without waiting for our own playback. */
  emitNow(verb: Verb): void;
  /** Plays over the audio socket. */
  play(audio: AudioData, name: string): Promise<PlayEnd>;
  /** How long the audio takes that waits to be heard. */
  waitingMs(): number;
  /** Ends the gather that waits, and drops what is playing. */
  interrupt(): void;
}

/** The gathers of one run of an app, one at a time. */
export class JambonzGather {
  readonly #run: string;
  readonly #ports: JambonzGatherPorts;
  #count = 0;
  #current: Current | undefined;
  /** An answer that arrived before the resumed app asked again. */
  #early: { readonly question: string; readonly gathered: Gathered } | undefined;
  #hasAsked = false;
  #words: string | undefined;

  /** `run` distinguishes this run from those before a restart; empty for the first. */
  constructor(run: string, ports: JambonzGatherPorts) {
    this.#run = run;
    this.#ports = ports;
  }

  /** Whether a gather waits. */
  get isOn(): boolean {
    return this.#current !== undefined;
  }

  /** Whether a gather waits for keys. */
  get takesKeys(): boolean {
    return this.#current !== undefined && this.#current.options.digits !== 0;
  }

  /** Whether a key or a word stops the prompt. */
  get bargesIn(): boolean {
    return this.#current !== undefined && this.#current.options.bargeIn !== false;
  }

  /** The verb of the waiting gather, once it was sent. */
  get verb(): Verb | undefined {
    return this.#current?.verb;
  }

  /** Asks the caller, and waits for the answer. */
  gather(options: GatherHere): Promise<Gathered> {
    const { play } = options;
    const early = this.#takeEarly(options);
    if (early !== undefined) return Promise.resolve(early);
    if (this.isOn) this.#ports.interrupt();
    const { hook, gathered } = this.#begin(options);
    if (play !== undefined && urlOf(play) === undefined) {
      const prompted = this.#prompt(hook, play).then(() => gathered);
      // A prompt that cannot be played ends its gather.
      return Promise.race([gathered, prompted]).catch((error) => {
        if (this.waits(hook)) this.#current = undefined;
        throw error;
      });
    }
    this.#ports.emit(this.#ask());
    return gathered;
  }

  /** The answer that the caller gave to this question before a restart, if any. */
  #takeEarly(options: GatherHere): Gathered | undefined {
    const early = this.#early;
    this.#early = undefined;
    this.#hasAsked = true;
    if (early === undefined) return undefined;
    return early.question === question(options) ? early.gathered : undefined;
  }

  /** Begins to wait; the previous gather must have ended. */
  #begin(options: GatherHere): { hook: string; gathered: Promise<Gathered> } {
    const { promise: gathered, resolve } = Promise.withResolvers<Gathered>();
    const hook = `${HOOK}${++this.#count}${this.#run}/${question(options)}`;
    this.#current = { hook, options, resolve };
    return { hook, gathered };
  }

  /** The verb to send for the waiting gather; `promptMs` is how long we play first. */
  #ask(promptMs = 0): Verb {
    const { hook, options } = this.#current!;
    return this.#current!.verb = { ...gatherVerb(options, promptMs), actionHook: hook };
  }

  /** Whether the gather with this hook still waits. */
  waits(hook: string): boolean {
    return this.#current?.hook === hook;
  }

  /** Ends it without a result. */
  end(by: Gathered["by"]): void {
    this.#current?.resolve({ by, digits: "", speech: "" });
    this.#current = undefined;
  }

  /** Handles a hook. */
  hear(hook: string, data: CallInfo): HookOf {
    if (this.waits(hook)) {
      this.#settle(resultOf(data));
      return "this gather";
    }
    const asked = this.#run !== "" && hook.startsWith(HOOK) ? hook.split("/").at(-1)! : undefined;
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

  /** Whether these words were taken by a `gather`: the record repeats them once. */
  takeWords(msg: string): boolean {
    if (this.#words !== msg) return false;
    this.#words = undefined;
    return true;
  }

  /** Plays the prompt. With barge-in, jambonz gathers meanwhile. */
  async #prompt(hook: string, play: string | URL | AudioData): Promise<void> {
    const isBytes = play instanceof Uint8Array;
    const pcm = isBytes ? pcmOfBytes(play) : await readRecording(play);
    if (!this.waits(hook)) return;
    const played = this.#ports.play(pcm, isBytes ? "audio" : audioName(play));
    if (!this.bargesIn) await played;
    if (!this.waits(hook)) return;
    this.#ports.emitNow(this.#ask(this.#ports.waitingMs()));
  }

  #settle(gathered: Gathered): void {
    if (gathered.speech !== "") this.#words = gathered.speech;
    this.#current?.resolve(gathered);
    this.#current = undefined;
  }
}

/** Identifies a question by its name, or by its prompt, keys and words. */
function question(options: GatherHere): string {
  if (options.name !== undefined) return encodeURIComponent(options.name);
  const asked = JSON.stringify(gatherVerb(options));
  return createHash("sha256").update(asked).digest("hex").slice(0, 8);
}

function gatherVerb(options: GatherHere, promptMs = 0): Verb {
  const { say, play, digits, speech = false, finishOn = "#", bargeIn = true } = options;
  const { timeoutMs = 10_000, betweenDigitsMs = 3000 } = options;
  const input = [...(digits === 0 ? [] : ["digits"]), ...(speech ? ["speech"] : [])];
  const url = play === undefined ? undefined : urlOf(play);
  return {
    verb: "gather",
    input,
    ...(digits === 0 ? {} : {
      ...(digits === undefined ? {} : { maxDigits: digits }),
      ...(finishOn === "" ? {} : { finishOnKey: finishOn }),
      // Without it jambonz drops the keys of a caller who presses no last one.
      minDigits: 1,
      interDigitTimeout: seconds(betweenDigitsMs),
    }),
    timeout: seconds(promptMs + timeoutMs),
    bargein: bargeIn && speech,
    dtmfBargein: bargeIn,
    listenDuringPrompt: bargeIn,
    ...(say === undefined ? {} : { say: { text: say } }),
    ...(url === undefined ? {} : { play: { url } }),
  };
}

/** jambonz counts in whole seconds. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function resultOf(data: CallInfo): Gathered {
  const digits = typeof data["digits"] === "string" ? data["digits"] : "";
  const speech = bestTranscript(data["speech"]) ?? "";
  const failed = data["reason"] === "error";
  const by = digits !== "" ? "digits" : speech !== "" ? "speech" : failed ? "error" : "timeout";
  return { by, digits, speech };
}
