/**
 * Changes the sample rate of a mono stream, piece by piece: a polyphase filter with a Kaiser
 * window. With a lower rate of 8 kHz it passes up to 3400 Hz and attenuates from 4000 Hz on by 50
 * dB; for other rates in proportion.
 * @module
 */
import { toSample } from "./pcm.ts";

const PASS_BAND = 0.85;
const STOP_BAND_DB = 50;
/** More phases would need a filter table of megabytes. */
const MAX_PHASES = 640;
/** Input samples per step: bounds the memory, however long a piece is. */
const BLOCK = 960;

interface Filter {
  /** Output samples for every `down` input samples. */
  readonly up: number;
  readonly down: number;
  /** Coefficients of one phase. */
  readonly taps: number;
  /** Phase after phase, each in the order of the input. */
  readonly coefficients: Float64Array;
  /** The delay of the filter, in output samples. */
  readonly delay: number;
}

const filters = new Map<string, Filter>();

/** Resamples a stream. The result does not depend on the sizes of the pieces. */
export class Resampler {
  readonly #filter: Filter;
  /** The last `taps - 1` input samples, then the current block. */
  readonly #line: Float64Array;
  /** The phase of the next output sample, and its distance from the next input sample. */
  #phase = 0;
  #ahead = 0;

  /**
   * @throws {RangeError} for rates that are not positive integers or have too small a common
   * divisor
   */
  constructor(fromRate: number, toRate: number) {
    this.#filter = filterFor(fromRate, toRate);
    this.#line = new Float64Array(this.#filter.taps - 1 + BLOCK);
  }

  /** The delay of the output, in output samples. */
  get delay(): number {
    return this.#filter.delay;
  }

  /** Resamples a piece: 160 samples at 8 kHz become 320 at 16 kHz and 480 at 24 kHz. */
  push(samples: Int16Array): Int16Array<ArrayBuffer> {
    const { up, down, taps } = this.#filter;
    const out = new Int16Array(this.#outputLength(samples.length));
    const history = taps - 1;
    const line = this.#line;
    let written = 0;
    for (let from = 0; from < samples.length; from += BLOCK) {
      const size = Math.min(BLOCK, samples.length - from);
      for (let i = 0; i < size; i++) line[history + i] = samples[from + i]!;
      while (this.#ahead < size) {
        out[written++] = toSample(this.#convolve(this.#ahead));
        this.#phase += down;
        while (this.#phase >= up) {
          this.#phase -= up;
          this.#ahead++;
        }
      }
      this.#ahead -= size;
      line.copyWithin(0, size, size + history);
    }
    return out;
  }

  /** The rest of the output at the end of the stream. Push nothing afterwards. */
  flush(): Int16Array<ArrayBuffer> {
    const { up, down, delay } = this.#filter;
    return this.push(new Int16Array(Math.ceil(delay * down / up))).subarray(0, delay);
  }

  #outputLength(inputs: number): number {
    const { up, down } = this.#filter;
    const room = (inputs - this.#ahead) * up - this.#phase;
    return Math.max(0, Math.ceil(room / down));
  }

  #convolve(start: number): number {
    const { taps, coefficients } = this.#filter;
    const line = this.#line;
    const first = this.#phase * taps;
    // Two sums: each addition of a single one waits for the previous.
    let even = 0;
    let odd = 0;
    for (let i = 0; i < taps; i += 2) {
      even += coefficients[first + i]! * line[start + i]!;
      odd += coefficients[first + i + 1]! * line[start + i + 1]!;
    }
    return even + odd;
  }
}

/**
 * Resamples a whole recording, without delay. Returns `samples` itself when the rates are equal.
 */
export function resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array {
  if (fromRate === toRate) return samples;
  const resampler = new Resampler(fromRate, toRate);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const whole = new Int16Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole.subarray(resampler.delay);
}

function filterFor(fromRate: number, toRate: number): Filter {
  const name = `${fromRate}:${toRate}`;
  const made = filters.get(name) ?? design(fromRate, toRate);
  filters.set(name, made);
  return made;
}

function design(fromRate: number, toRate: number): Filter {
  for (const rate of [fromRate, toRate]) {
    if (!Number.isSafeInteger(rate) || rate <= 0) {
      throw new RangeError(`Cannot resample: ${rate} is not a sample rate`);
    }
  }
  const common = greatestCommonDivisor(fromRate, toRate);
  const up = toRate / common;
  const down = fromRate / common;
  if (up > MAX_PHASES || down > MAX_PHASES) {
    throw new RangeError(
      `Cannot resample ${fromRate} to ${toRate} Hz: their common divisor is too small`,
    );
  }
  // All frequencies are fractions of the least common multiple of both rates, at which the filter
  // runs.
  const nyquist = 0.5 / Math.max(up, down);
  const transition = nyquist * (1 - PASS_BAND);
  const wanted = (STOP_BAND_DB - 7.95) / (14.36 * transition);
  // The delay is a whole number of output samples, so that resampled streams stay aligned.
  const delay = Math.ceil(wanted / 2 / down);
  const centre = delay * down;
  const taps = 2 * Math.ceil((2 * centre + 1) / up / 2);
  const cutoff = nyquist - transition / 2;
  const beta = 0.5842 * (STOP_BAND_DB - 21) ** 0.4 + 0.07886 * (STOP_BAND_DB - 21);
  const coefficients = new Float64Array(taps * up);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const at = phase + (taps - 1 - tap) * up - centre;
      const value = sinc(2 * cutoff * at) * kaiser(at / (centre + 1), beta);
      coefficients[phase * taps + tap] = value;
      sum += value;
    }
    // Each phase has a gain of 1 at 0 Hz, so that the level has no ripple.
    for (let tap = 0; tap < taps; tap++) coefficients[phase * taps + tap]! /= sum;
  }
  return { up, down, taps, coefficients, delay };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window: 0 outside of -1 to 1. */
function kaiser(x: number, beta: number): number {
  return Math.abs(x) > 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);
}

/** The modified Bessel function of order zero. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
