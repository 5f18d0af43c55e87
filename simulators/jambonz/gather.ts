/**
 * The gather verb in simulated time: a prompt, then the caller's words or keys.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/tasks/gather.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallContext } from "./call_context.ts";
import { type Caller, KEY_SECONDS, REACTION_SECONDS } from "./caller.ts";
import { playOf, spokenSeconds } from "./prompts.ts";
import type { SpeechServices } from "./speech_services.ts";

/** The result of a gather, as in its hook. */
export interface Gathered {
  readonly reason: "speechDetected" | "dtmfDetected" | "timeout";
  readonly digits?: string;
  readonly speech?: {
    readonly is_final: true;
    readonly alternatives: readonly { readonly transcript: string; readonly confidence: number }[];
  };
}

/** The default timeout of a gather, in seconds. */
const TIMEOUT_SECONDS = 15;
/** A timeout of 0 means forever: longer than a simulated caller is silent. */
const FOREVER_SECONDS = 60;

/** Gathers. Undefined when it is killed or has no recogniser: then no hook is called. */
export async function gather(
  verb: Verb,
  call: CallContext,
  caller: Caller,
  speech: SpeechServices,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const { time, timeline } = call;
  const inputs = Array.isArray(verb["input"]) ? verb["input"] as unknown[] : ["digits"];
  if (inputs.includes("speech") && !await speech.recognises(verb)) return undefined;
  const promptSeconds = await beginPrompt(verb, speech);
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
      await caller.act(signal);
      continue;
    }
    caller.takeIf(step.kind);
    if (!inputs.includes(wanted)) {
      timeline.note(`the gather does not listen for ${wanted}`, step);
      if (step.kind === "dtmf") await caller.pressKeys(step.digits, signal);
      continue;
    }
    if (!prompted && promptSeconds < REACTION_SECONDS) await prompt();
    if (!await time.sleep(REACTION_SECONDS, signal)) return undefined;
    if (step.kind === "speech") {
      const alternatives = [{ transcript: step.text, confidence: 0.93 }];
      return { reason: "speechDetected", speech: { is_final: true, alternatives } };
    }
    if (step.kind === "dtmf") return await press(step.digits, verb, call, signal);
  }
  return undefined;
}

/** Begins the nested say and play. Resolves with their duration in seconds; 0 without a voice. */
async function beginPrompt(verb: Verb, speech: SpeechServices): Promise<number> {
  const speaks = await speech.speak(verb["say"], verb);
  const { url } = (verb["play"] ?? {}) as { url?: unknown };
  const play = url !== undefined && playOf(url) === "plays" ? url : undefined;
  return spokenSeconds(speaks ? verb["say"] : undefined, play);
}

/** The result for these keys, after which the caller waits. Undefined when the gather is killed. */
async function press(
  keys: string,
  verb: Verb,
  { audio, time, timeline }: CallContext,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const most = [verb["numDigits"], verb["maxDigits"]];
  const untilMs = time.nowMs + timeoutSeconds(verb) * 1000;
  let digits = "";
  for (const key of keys) {
    if (!await time.sleep(KEY_SECONDS, signal)) return undefined;
    audio.press(key);
    if (key === verb["finishOnKey"]) return { reason: "dtmfDetected", digits };
    digits += key;
    if (most.includes(digits.length)) return { reason: "dtmfDetected", digits };
  }
  // jambonz compares with an undefined minimum: then no number of digits is enough for a timer.
  const isEnough = digits.length >= Number(verb["minDigits"] ?? NaN);
  const betweenSeconds = Number(verb["interDigitTimeout"] ?? 0);
  const restSeconds = Math.max(0, untilMs - time.nowMs) / 1000;
  const waitSeconds = isEnough && betweenSeconds > 0 ? betweenSeconds : restSeconds;
  if (!await time.sleep(waitSeconds, signal)) return undefined;
  if (isEnough) return { reason: "dtmfDetected", digits };
  timeline.note("the gather drops the keys: it has no minDigits, or needs more", digits);
  return { reason: "timeout" };
}

function timeoutSeconds(verb: Verb): number {
  return Number(verb["timeout"] ?? TIMEOUT_SECONDS) || FOREVER_SECONDS;
}
