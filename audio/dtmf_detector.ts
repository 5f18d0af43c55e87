/**
 * Detects in-band DTMF digits within the limits of ITU-T Q.24: level, twist, frequency, duration,
 * pause, and the absence of other sound (speech, music).
 *
 * Measures the last 20 ms every 5 ms. A measurement is pure when the strongest low and the
 * strongest high tone are loud enough, of similar level, close to their nominal frequencies, and
 * hold nearly all of the power. A digit needs a few pure measurements in a row. It lasts while its
 * level is above half.
 * @module
 */
import { DTMF_DIGITS, DTMF_HIGH_HZ, DTMF_LOW_HZ, type DtmfDigit } from "./dtmf_digits.ts";
import { GoertzelBank } from "./goertzel.ts";

/**
 * A detected digit. Times are milliseconds of audio since the first sample, exact to about 2 ms.
 */
export type DtmfEvent =
  /** The tone began at `atMs`. Comes when it has lasted `minDurationMs`. */
  | { readonly kind: "start"; readonly digit: DtmfDigit; readonly atMs: number }
  /** The tone ended at `atMs`. Comes when the pause has lasted `minPauseMs`. */
  | {
    readonly kind: "end";
    readonly digit: DtmfDigit;
    readonly atMs: number;
    readonly durationMs: number;
  };

/** The thresholds of a digit. */
export interface DtmfLimits {
  /** The shortest tone; one that is 10 ms shorter is never detected; 40 ms. */
  readonly minDurationMs?: number;
  /**
   * The shortest pause between two digits; one that is 25 ms shorter is a gap within a digit; 40
   * ms.
   */
  readonly minPauseMs?: number;
  /** The lowest level of each tone, in dB relative to a full-scale sine; -36. */
  readonly minLevelDb?: number;
  /** How much louder the high tone may be; 6 dB. */
  readonly maxTwistDb?: number;
  /** How much louder the low tone may be; 10 dB. */
  readonly maxReverseTwistDb?: number;
}

/** The largest relative frequency error: accepts 1.5 %, rejects 3.5 %. */
const MAX_OFFSET = 0.025;
/** The smallest share of the power in the two tones, which allows noise 10 dB below them. */
const MIN_PURITY = 0.8;
const FREQUENCIES = [...DTMF_LOW_HZ, ...DTMF_HIGH_HZ];
const TONES = FREQUENCIES.length;
const HOP_MS = 5;
const WINDOW_MS = 20;
/** How many measurements are stored to find the beginning of a tone. */
const MEMORY = 16;
const PURE_HOPS = 4;
/** This many impure measurements in a row discard an unconfirmed digit. */
const IMPURE_HOPS = 3;
/** Half of the level is a quarter of the power. */
const HALF_LEVEL = 0.25;
const NO_EVENTS: readonly DtmfEvent[] = [];

/** A tone, from its first pure measurement to the end of the pause after it. */
interface Tone {
  readonly key: number;
  /** The highest measured power. */
  peak: number;
  /**
   * The number of the first pure measurement, from which the search for the beginning goes back.
   */
  readonly hop: number;
  pure: number;
  impureRun: number;
  startMs: number;
  /** When the level fell below half; undefined while it is above. */
  endMs: number | undefined;
  reported: boolean;
}

/** Detects the digits in one mono stream. */
export class DtmfDetector {
  readonly #limits: Required<DtmfLimits>;
  readonly #minTonePower: number;
  readonly #bank: GoertzelBank;
  readonly #hopSamples: number;
  /** Samples that do not fill a hop yet. */
  readonly #waiting: Int16Array;
  #waitingSamples = 0;
  #hops = 0;
  /** The power of each tone in the last measurements; one row for each hop. */
  readonly #memory = new Float64Array(MEMORY * TONES);
  #tone: Tone | undefined;
  #events: DtmfEvent[] = [];

  /** @throws {RangeError} unless the sample rate is a multiple of 8000 */
  constructor(limits: DtmfLimits = {}, sampleRate = 8000) {
    if (!(sampleRate >= 8000 && sampleRate % 8000 === 0)) {
      throw new RangeError(
        `Cannot detect DTMF at ${sampleRate} Hz, which is not a multiple of 8000`,
      );
    }
    this.#limits = {
      minDurationMs: 40,
      minPauseMs: 40,
      minLevelDb: -36,
      maxTwistDb: 6,
      maxReverseTwistDb: 10,
      ...limits,
    };
    this.#minTonePower = 10 ** (this.#limits.minLevelDb / 10) / 2;
    this.#hopSamples = HOP_MS * sampleRate / 1000;
    this.#waiting = new Int16Array(this.#hopSamples);
    const window = WINDOW_MS * sampleRate / 1000;
    this.#bank = new GoertzelBank(FREQUENCIES, sampleRate, window, this.#hopSamples);
  }

  /** Accepts the next samples, any number, and returns the events up to their end. */
  hear(samples: Int16Array): readonly DtmfEvent[] {
    let from = 0;
    if (this.#waitingSamples > 0) {
      from = Math.min(this.#hopSamples - this.#waitingSamples, samples.length);
      this.#waiting.set(samples.subarray(0, from), this.#waitingSamples);
      this.#waitingSamples += from;
      if (this.#waitingSamples < this.#hopSamples) return NO_EVENTS;
      this.#waitingSamples = 0;
      this.#measure(this.#waiting, 0);
    }
    for (; from + this.#hopSamples <= samples.length; from += this.#hopSamples) {
      this.#measure(samples, from);
    }
    this.#waiting.set(samples.subarray(from));
    this.#waitingSamples = samples.length - from;
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #measure(samples: Int16Array, from: number): void {
    this.#bank.hear(samples, from, this.#minTonePower * HALF_LEVEL);
    this.#hops++;
    const row = this.#hops % MEMORY * TONES;
    for (let tone = 0; tone < TONES; tone++) {
      this.#memory[row + tone] = this.#bank.tonePower(tone);
    }
    const key = this.#strongest(row, 0) * 4 + this.#strongest(row, 4);
    const pure = this.#isPure(row, key);
    if (this.#tone !== undefined) this.#follow(this.#tone, key, pure);
    if (this.#tone === undefined && pure) this.#begin(key);
  }

  /** The index of the strongest of the four tones from `first` on. */
  #strongest(row: number, first: number): number {
    let best = 0;
    for (let i = 1; i < 4; i++) {
      if (this.#memory[row + first + i]! > this.#memory[row + first + best]!) best = i;
    }
    return best;
  }

  #isPure(row: number, key: number): boolean {
    const low = key >> 2;
    const high = 4 + (key & 3);
    const { maxTwistDb, maxReverseTwistDb } = this.#limits;
    const atLeast = this.#minTonePower * HALF_LEVEL;
    if (this.#memory[row + low]! < atLeast || this.#memory[row + high]! < atLeast) return false;
    const lowOffset = this.#bank.offsetHz(low);
    if (Math.abs(lowOffset) > MAX_OFFSET * FREQUENCIES[low]!) return false;
    const highOffset = this.#bank.offsetHz(high);
    if (Math.abs(highOffset) > MAX_OFFSET * FREQUENCIES[high]!) return false;
    const lowPower = this.#memory[row + low]! * this.#bank.offsetGain(lowOffset);
    const highPower = this.#memory[row + high]! * this.#bank.offsetGain(highOffset);
    if (lowPower < this.#minTonePower || highPower < this.#minTonePower) return false;
    const twistDb = 10 * Math.log10(highPower / lowPower);
    if (twistDb > maxTwistDb || -twistDb > maxReverseTwistDb) return false;
    return lowPower + highPower >= MIN_PURITY * this.#bank.power;
  }

  #begin(key: number): void {
    const peak = this.#powerOf(key, this.#hops);
    const tone: Tone = {
      key,
      peak,
      hop: this.#hops,
      pure: 1,
      impureRun: 0,
      startMs: 0,
      endMs: undefined,
      reported: false,
    };
    tone.startMs = this.#beginningOf(tone);
    this.#tone = tone;
  }

  #follow(tone: Tone, key: number, pure: boolean): void {
    const nowMs = this.#centreMs(this.#hops);
    const power = this.#powerOf(tone.key, this.#hops);
    const above = power >= HALF_LEVEL * tone.peak;
    if (pure && key !== tone.key) {
      tone.endMs ??= above ? nowMs : this.#crossingMs(tone, this.#hops);
      return this.#end(tone);
    }
    if (pure && above) {
      tone.pure++;
      tone.impureRun = 0;
      if (!tone.reported && power > tone.peak) {
        tone.peak = power;
        tone.startMs = this.#beginningOf(tone);
      }
    } else {
      tone.impureRun++;
    }
    if (above) tone.endMs = undefined;
    else tone.endMs ??= this.#crossingMs(tone, this.#hops);
    if (!tone.reported) this.#decide(tone, tone.endMs ?? nowMs);
    const pauseMs = tone.endMs === undefined ? 0 : nowMs - tone.endMs;
    if (pauseMs >= this.#limits.minPauseMs - 15) this.#end(tone);
    else if (!tone.reported && tone.impureRun >= IMPURE_HOPS) this.#tone = undefined;
  }

  /** Reports the digit when it has lasted long enough, with a tolerance of 5 ms. */
  #decide(tone: Tone, untilMs: number): void {
    if (tone.pure < PURE_HOPS) return;
    if (untilMs - tone.startMs < this.#limits.minDurationMs - HOP_MS) return;
    tone.reported = true;
    const digit = DTMF_DIGITS[tone.key]!;
    this.#events.push({ kind: "start", digit, atMs: tone.startMs });
  }

  #end(tone: Tone): void {
    this.#tone = undefined;
    if (!tone.reported || tone.endMs === undefined) return;
    const digit = DTMF_DIGITS[tone.key]!;
    const durationMs = tone.endMs - tone.startMs;
    this.#events.push({ kind: "end", digit, atMs: tone.endMs, durationMs });
  }

  #powerOf(key: number, hop: number): number {
    const row = hop % MEMORY * TONES;
    return this.#memory[row + (key >> 2)]! + this.#memory[row + 4 + (key & 3)]!;
  }

  /**
   * The middle of a measurement's window: a tone that begins or ends there has half its level in
   * it.
   */
  #centreMs(hop: number): number {
    return hop * HOP_MS - WINDOW_MS / 2;
  }

  /** When the level rose above half, searched backwards from the first pure measurement. */
  #beginningOf(tone: Tone): number {
    const oldest = Math.max(1, this.#hops - MEMORY + 2);
    let hop = tone.hop;
    while (hop > oldest && this.#powerOf(tone.key, hop - 1) >= HALF_LEVEL * tone.peak) hop--;
    return this.#crossingMs(tone, hop);
  }

  /** When the level crossed half, between the measurement before `hop` and `hop`. */
  #crossingMs(tone: Tone, hop: number): number {
    const half = Math.sqrt(HALF_LEVEL * tone.peak);
    const before = Math.sqrt(this.#powerOf(tone.key, hop - 1));
    const after = Math.sqrt(this.#powerOf(tone.key, hop));
    const part = before === after ? 1 : (half - before) / (after - before);
    return Math.max(0, this.#centreMs(hop - 1) + Math.min(1, Math.max(0, part)) * HOP_MS);
  }
}
