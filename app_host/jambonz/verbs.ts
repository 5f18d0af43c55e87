/**
 * What an app asks for, as verbs of jambonz.
 * @module
 */
import type { GatherOptions, Playable } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { JambonzLine } from "./jambonz_line.ts";

/** What jambonz can fetch by itself; undefined for audio that goes over the socket. */
export function urlOf(audio: Playable): string | undefined {
  if (typeof audio !== "string" && !(audio instanceof URL)) return undefined;
  const url = String(audio);
  return /^https?:/i.test(url) ? url : undefined;
}

/** The verb that gathers; without its hook. `promptMs` is how long jambonz is to wait first. */
export function gatherVerb(options: GatherOptions, promptMs = 0): Verb {
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

/**
 * What has jambonz open a socket for the caller's audio, beside whatever else it does. Audio that
 * comes back is ignored without a word unless it was asked for as a stream.
 */
export function listenOptions({ audio: { url, key } }: JambonzLine): Record<string, unknown> {
  return {
    enable: true,
    url,
    ...(key === undefined ? {} : { wsAuth: { username: "tipring", password: key } }),
    sampleRate: 8000,
    mixType: "mono",
    passDtmf: true,
    bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 8000 },
  };
}

/** jambonz counts in whole seconds. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
