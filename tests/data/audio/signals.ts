/** Signals that the audio tests make for themselves, the same ones in every run. */
import {
  DTMF_DIGITS,
  DTMF_HIGH_HZ,
  DTMF_LOW_HZ,
  type DtmfDigit,
} from "../../../audio/dtmf_digits.ts";
import { toSample } from "../../../audio/pcm.ts";

/** Pseudo-random numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** White noise with a normal distribution, at a level in dBFS (root mean square). */
export function noise(length: number, levelDbfs: number, seed = 1): Int16Array<ArrayBuffer> {
  const next = random(seed);
  const scale = 32768 * 10 ** (levelDbfs / 20);
  return Int16Array.from({ length }, () => {
    const size = Math.sqrt(-2 * Math.log(1 - next()));
    return toSample(scale * size * Math.cos(2 * Math.PI * next()));
  });
}

/** A sine; its amplitude as a part of full scale. */
export function sine(
  hz: number,
  length: number,
  sampleRate = 8000,
  amplitude = 0.5,
): Int16Array<ArrayBuffer> {
  const step = 2 * Math.PI * hz / sampleRate;
  return Int16Array.from({ length }, (_, i) => toSample(amplitude * 32767 * Math.sin(step * i)));
}

/** A digit off its frequencies by a part of them, with abrupt edges; the level is of each tone. */
export function offDigit(
  digit: DtmfDigit,
  { ms = 60, offset = 0, lowDb = -16, highDb = -16, sampleRate = 8000 } = {},
): Int16Array<ArrayBuffer> {
  const key = DTMF_DIGITS.indexOf(digit);
  const length = Math.round(ms * sampleRate / 1000);
  const low = sine(DTMF_LOW_HZ[key >> 2]! * (1 + offset), length, sampleRate, 10 ** (lowDb / 20));
  const high = sine(DTMF_HIGH_HZ[key & 3]! * (1 + offset), length, sampleRate, 10 ** (highDb / 20));
  return mix(low, high);
}

/** All at once; as long as the longest. */
export function mix(...signals: Int16Array[]): Int16Array<ArrayBuffer> {
  const length = Math.max(...signals.map((signal) => signal.length));
  return Int16Array.from(
    { length },
    (_, i) => toSample(signals.reduce((sum, signal) => sum + (signal[i] ?? 0), 0)),
  );
}

/** One after the other. */
export function join(...signals: Int16Array[]): Int16Array<ArrayBuffer> {
  const whole = new Int16Array(signals.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const signal of signals) {
    whole.set(signal, at);
    at += signal.length;
  }
  return whole;
}

/** Nothing, for so many milliseconds at 8 kHz. */
export function silence(ms: number): Int16Array<ArrayBuffer> {
  return new Int16Array(ms * 8);
}

/** In pieces of 1 to `most` samples. */
export function pieces(signal: Int16Array, most: number, seed = 1): Int16Array[] {
  const next = random(seed);
  const cut: Int16Array[] = [];
  for (let at = 0; at < signal.length;) {
    const end = at + 1 + Math.floor(next() * most);
    cut.push(signal.subarray(at, end));
    at = end;
  }
  return cut;
}
