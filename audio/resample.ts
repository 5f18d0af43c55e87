/**
 * Changes the sample rate of a mono stream, piece by piece: a polyphase filter with a Kaiser window.
 * Where the lower rate is 8 kHz, all up to 3400 Hz passes and all from 4000 Hz on is 50 dB down; with
 * other rates in proportion.
 * @module
 */
import { toSample } from "./pcm.ts";

const PASS_BAND = 0.85;
const STOP_BAND_DB = 50;
/** Rates with less in common would need a filter table of megabytes. */
const MAX_PHASES = 640;
/** Input samples that are worked on at once: bounds the memory, however long a piece is. */
const BLOCK = 960;

interface Filter {
  /** Output samples for every `down` input samples. */
  readonly up: number;
  readonly down: number;
  /** Coefficients of one phase. */
  readonly taps: number;
  /** Phase after phase, each in the order of the input. */
  readonly coefficients: Float64Array;
  /** What the filter holds back, in output samples. */
  readonly delay: number;
}

const filters = new Map<string, Filter>();

/** A stream on its way from one sample rate to another. Pieces of any size give the same as the whole. */
export class Resampler {
  readonly #filter: Filter;
  /** The last `taps - 1` samples heard, and then the block being worked on. */
  readonly #line: Float64Array;
  /** Which phase the next output sample has, and how far beyond the next input sample it lies. */
  #phase = 0;
  #ahead = 0;

  /** Throws a RangeError for rates that are not whole, or have too little in common. */
  constructor(fromRate: number, toRate: number) {
    this.#filter = filterFor(fromRate, toRate);
    this.#line = new Float64Array(this.#filter.taps - 1 + BLOCK);
  }

  /** By how much the audio comes out later than it went in, in output samples. */
  get delay(): number {
    return this.#filter.delay;
  }

  /** Takes a piece and gives what it makes: 160 samples at 8 kHz are 320 at 16 and 480 at 24. */
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

  /** The end of the stream: gives what the filter still holds. Push nothing afterwards. */
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
    // Two sums, since each would wait for its own last addition.
    let even = 0;
    let odd = 0;
    for (let i = 0; i < taps; i += 2) {
      even += coefficients[first + i]! * line[start + i]!;
      odd += coefficients[first + i + 1]! * line[start + i + 1]!;
    }
    return even + odd;
  }
}

/** A whole recording at another sample rate, without delay. The same memory where nothing changes. */
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
    if (!Number.isSafeInteger(rate) || rate <= 0) throw new RangeError(`${rate} is no sample rate`);
  }
  const common = greatestCommonDivisor(fromRate, toRate);
  const up = toRate / common;
  const down = fromRate / common;
  if (up > MAX_PHASES || down > MAX_PHASES) {
    throw new RangeError(`${fromRate} and ${toRate} Hz have too little in common`);
  }
  // All frequencies as parts of the rate that both rates divide, at which the filter is thought of.
  const nyquist = 0.5 / Math.max(up, down);
  const transition = nyquist * (1 - PASS_BAND);
  const wanted = (STOP_BAND_DB - 7.95) / (14.36 * transition);
  // The delay is a whole number of output samples, so that what was together stays together.
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
    // Each phase lets a constant through unchanged, so that silence and level have no ripple.
    for (let tap = 0; tap < taps; tap++) coefficients[phase * taps + tap]! /= sum;
  }
  return { up, down, taps, coefficients, delay };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window from -1 to 1, nothing beyond. */
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
