/**
 * The gather verb in simulated time: a prompt, then what the caller says or presses.
 * @module
 */
import type { Verb } from "../protocols/jambonz/commands.ts";
import type { Caller } from "./jambonz_caller.ts";
import { spokenSeconds } from "./jambonz_prompts.ts";
import type { SimulatedTime } from "./simulated_time.ts";
import type { Timeline } from "./timeline.ts";

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
  /** How long the caller takes to react, in simulated seconds. */
  readonly reactionSeconds: number;
  /** Carries out a step that is no answer: wait, drop, hangup and the like. */
  act(signal: AbortSignal): Promise<void>;
  /** A key is pressed: an application that has the audio may hear of it too; false where none does. */
  press(key: string): boolean;
  /** Keys that the gather does not take. */
  pressKeys(keys: string, signal: AbortSignal): Promise<void>;
}

/** Without a timeout of its own a gather waits so long, in seconds. */
const TIMEOUT_SECONDS = 15;
const INTER_DIGIT_SECONDS = 2;
const KEY_SECONDS = 0.2;

/** Gathers; undefined when it was interrupted. */
export async function gather(
  verb: Verb,
  scene: GatherScene,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const { caller, time, timeline, reactionSeconds } = scene;
  const inputs = Array.isArray(verb["input"]) ? verb["input"] as unknown[] : ["digits"];
  const promptSeconds = spokenSeconds(verb["say"], verb["play"]);
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
    if (!prompted && promptSeconds < reactionSeconds) await prompt();
    if (!await time.sleep(reactionSeconds, signal)) return undefined;
    if (step.kind === "speech") {
      const alternatives = [{ transcript: step.text, confidence: 0.93 }];
      return { reason: "speechDetected", speech: { is_final: true, alternatives } };
    }
    if (step.kind === "dtmf") {
      const digits = await press(step.digits, verb, scene, signal);
      return digits === undefined ? undefined : { reason: "dtmfDetected", digits };
    }
  }
  return undefined;
}

/** What of the pressed keys the gather takes; undefined when it was interrupted. */
async function press(
  keys: string,
  verb: Verb,
  scene: GatherScene,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { time } = scene;
  const most = Number(verb["numDigits"] ?? verb["maxDigits"] ?? Infinity);
  const finish = verb["finishOnKey"];
  let digits = "";
  for (const key of keys) {
    if (!await time.sleep(KEY_SECONDS, signal)) return undefined;
    scene.press(key);
    if (key === finish) return digits;
    digits += key;
    if (digits.length >= most) return digits;
  }
  const pause = Number(verb["interDigitTimeout"] ?? INTER_DIGIT_SECONDS);
  return await time.sleep(pause, signal) ? digits : undefined;
}

function timeoutSeconds(verb: Verb): number {
  const seconds = Number(verb["timeout"] ?? TIMEOUT_SECONDS);
  // 0 is for ever: as long as a simulated caller stays silent at most.
  return seconds === 0 ? 60 : seconds;
}
