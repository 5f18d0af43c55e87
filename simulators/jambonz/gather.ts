/**
 * The gather verb in simulated time: a prompt, then what the caller says or presses.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/tasks/gather.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { REACTION_SECONDS } from "./caller_steps.ts";
import type { Caller } from "./caller.ts";
import { playOf, spokenSeconds } from "./prompts.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** What a gather came to, as its hook says it. */
export interface Gathered {
  readonly reason: "speechDetected" | "dtmfDetected" | "timeout";
  readonly digits?: string;
  readonly speech?: {
    readonly is_final: true;
    readonly alternatives: readonly { readonly transcript: string; readonly confidence: number }[];
  };
}

/** What a gather needs of its call. */
export interface GatherScene {
  readonly caller: Caller;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  /** Carries out a step that is no answer: wait, drop, hangup and the like. */
  act(signal: AbortSignal): Promise<void>;
  /**
   * A key is pressed: an application that has the audio may hear of it too; false where none does.
   */
  press(key: string): boolean;
  /** Keys that the gather does not take. */
  pressKeys(keys: string, signal: AbortSignal): Promise<void>;
  /** Begins to say this; false where there is no voice. */
  speak(say: unknown, verb: Verb): Promise<boolean>;
  /** Whether there is a recogniser. */
  recognises(verb: Verb): Promise<boolean>;
}

/** Without a timeout of its own a gather waits so long, in seconds. */
const TIMEOUT_SECONDS = 15;
/** 0 is for ever: as long as a simulated caller stays silent at most. */
const FOREVER_SECONDS = 60;
const KEY_SECONDS = 0.2;

/** Gathers; undefined when it was killed, or there is no recogniser: then no hook is called. */
export async function gather(
  verb: Verb,
  scene: GatherScene,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const { caller, time, timeline } = scene;
  const inputs = Array.isArray(verb["input"]) ? verb["input"] as unknown[] : ["digits"];
  if (inputs.includes("speech") && !await scene.recognises(verb)) return undefined;
  const promptSeconds = await beginPrompt(verb, scene);
  const interruptible = verb["bargein"] === true || verb["dtmfBargein"] === true;
  let prompted = false;
  const prompt = async () => {
    if (!prompted) await time.sleep(promptSeconds, signal);
    prompted = true;
  };
  if (!interruptible) await prompt();
  while (!signal.aborted) {
    const step = caller.next;
    if (step === undefined || step.kind === "silence") {
      await prompt();
      const waited = await time.sleep(timeoutSeconds(verb), signal);
      if (!waited) return undefined;
      caller.takeIf("silence");
      return { reason: "timeout" };
    }
    const wanted = step.kind === "dtmf" ? "digits" : step.kind;
    if (wanted !== "digits" && wanted !== "speech") {
      await scene.act(signal);
      continue;
    }
    caller.take();
    if (!inputs.includes(wanted)) {
      timeline.note(`the gather does not listen to ${wanted}`, step);
      if (step.kind === "dtmf") await scene.pressKeys(step.digits, signal);
      continue;
    }
    if (!prompted && promptSeconds < REACTION_SECONDS) await prompt();
    if (!await time.sleep(REACTION_SECONDS, signal)) return undefined;
    if (step.kind === "speech") {
      const alternatives = [{ transcript: step.text, confidence: 0.93 }];
      return { reason: "speechDetected", speech: { is_final: true, alternatives } };
    }
    if (step.kind === "dtmf") return await press(step.digits, verb, scene, signal);
  }
  return undefined;
}

/** Begins what is nested in it, and says how long it takes: nothing where there is no voice. */
async function beginPrompt(verb: Verb, scene: GatherScene): Promise<number> {
  const speaks = await scene.speak(verb["say"], verb);
  const { url } = (verb["play"] ?? {}) as { url?: unknown };
  const play = url !== undefined && playOf(url) === "plays" ? url : undefined;
  return spokenSeconds(speaks ? verb["say"] : undefined, play);
}

/**
 * What the gather makes of these keys, behind which the caller waits; undefined when it was killed.
 */
async function press(
  keys: string,
  verb: Verb,
  scene: GatherScene,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const { time, timeline } = scene;
  const most = [verb["numDigits"], verb["maxDigits"]];
  const untilMs = time.nowMs + timeoutSeconds(verb) * 1000;
  let digits = "";
  for (const key of keys) {
    if (!await time.sleep(KEY_SECONDS, signal)) return undefined;
    scene.press(key);
    if (key === verb["finishOnKey"]) return { reason: "dtmfDetected", digits };
    digits += key;
    if (most.includes(digits.length)) return { reason: "dtmfDetected", digits };
  }
  // Compared with no minimum, no number of digits is enough: neither timer makes them a result.
  const isEnough = digits.length >= Number(verb["minDigits"] ?? NaN);
  const betweenSeconds = Number(verb["interDigitTimeout"] ?? 0);
  const restSeconds = Math.max(0, untilMs - time.nowMs) / 1000;
  const waitSeconds = isEnough && betweenSeconds > 0 ? betweenSeconds : restSeconds;
  if (!await time.sleep(waitSeconds, signal)) return undefined;
  if (isEnough) return { reason: "dtmfDetected", digits };
  timeline.note("the gather drops the keys: it has no minDigits, or more than came", digits);
  return { reason: "timeout" };
}

function timeoutSeconds(verb: Verb): number {
  return Number(verb["timeout"] ?? TIMEOUT_SECONDS) || FOREVER_SECONDS;
}
