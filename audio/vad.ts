/**
 * Detects speech by energy alone: louder than the noise of the line, which is the quietest moment
 * of the last seconds.
 * @module
 */
import { FULL_SCALE } from "./pcm.ts";

/** Speech begins or ends. Times are milliseconds of audio since the first sample. */
export type SpeechEvent =
  /** Speech began at `atMs`. Comes when it has lasted `startMs`. */
  | { readonly kind: "speech-start"; readonly atMs: number }
  /** Speech ended at `atMs`. Comes when the silence has lasted `hangoverMs`. */
  | { readonly kind: "speech-end"; readonly atMs: number; readonly durationMs: number };

/** The thresholds of speech. */
export interface VadSettings {
  /** How much louder than the noise speech must be; 10 dB. */
  readonly thresholdDb?: number;
  /** The lowest level of speech; -50 dBFS, root mean square. */
  readonly minLevelDbfs?: number;
  /** The shortest loud sound that is speech rather than a click; 60 ms. */
  readonly startMs?: number;
  /** The shortest silence that ends speech; a shorter one is a pause between words; 400 ms. */
  readonly hangoverMs?: number;
  /**
   * How far back the quietest moment may lie. A louder noise counts as noise after this; 3000 ms.
   */
  readonly noiseMemoryMs?: number;
}

const FRAME_MS = 10;
const NOISE_PARTS = 10;
/** A quiet gap up to this long does not restart the count towards speech. */
const GAP_FRAMES = 2;
/** The pole of the filter that removes a DC offset and the lowest hum. */
const DC_POLE = 0.95;
/** The share of earlier frames in the smoothed level that gives the noise. */
const SMOOTHING = 0.8;
const NO_EVENTS: readonly SpeechEvent[] = [];

/** Detects speech in one mono stream. */
export class VoiceDetector {
  readonly #thresholdRatio: number;
  readonly #minPower: number;
  readonly #startFrames: number;
  readonly #hangoverFrames: number;
  readonly #frameSamples: number;
  readonly #framesPerPart: number;
  /** The lowest level in each part of the noise memory, a ring. */
  readonly #quietest: Float64Array;
  #part = 0;
  #framesInPart = 0;
  #smoothed = -1;
  #noise: number;

  #samplesInFrame = 0;
  #energy = 0;
  #previous = 0;
  #filtered = 0;
  #frames = 0;
  /** Since when it has been loud, short gaps included; undefined while it is quiet. */
  #loudSince: number | undefined;
  #lastLoud = 0;
  #speechSince: number | undefined;
  #events: SpeechEvent[] = [];

  /** @throws {RangeError} when 10 ms are not a whole number of samples */
  constructor(settings: VadSettings = {}, sampleRate = 8000) {
    const {
      thresholdDb = 10,
      minLevelDbfs = -50,
      startMs = 60,
      hangoverMs = 400,
      noiseMemoryMs = 3000,
    } = settings;
    this.#frameSamples = sampleRate * FRAME_MS / 1000;
    if (!Number.isSafeInteger(this.#frameSamples) || sampleRate <= 0) {
      throw new RangeError(`10 ms at ${sampleRate} Hz are not a whole number of samples`);
    }
    this.#thresholdRatio = 10 ** (thresholdDb / 10);
    this.#minPower = 10 ** (minLevelDbfs / 10) * FULL_SCALE ** 2;
    this.#startFrames = Math.max(1, Math.round(startMs / FRAME_MS));
    this.#hangoverFrames = Math.max(1, Math.round(hangoverMs / FRAME_MS));
    this.#framesPerPart = Math.max(1, Math.round(noiseMemoryMs / FRAME_MS / NOISE_PARTS));
    this.#noise = this.#minPower;
    this.#quietest = new Float64Array(NOISE_PARTS).fill(this.#noise);
  }

  /** Takes the next samples, any number, and returns the events up to their end. */
  hear(samples: Int16Array): readonly SpeechEvent[] {
    let previous = this.#previous;
    let filtered = this.#filtered;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      filtered = sample - previous + DC_POLE * filtered;
      previous = sample;
      this.#energy += filtered * filtered;
      if (++this.#samplesInFrame === this.#frameSamples) this.#endFrame();
    }
    this.#previous = previous;
    this.#filtered = filtered;
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #endFrame(): void {
    const power = this.#energy / this.#frameSamples;
    this.#energy = 0;
    this.#samplesInFrame = 0;
    this.#frames++;
    this.#followNoise(power);
    const loud = power > this.#minPower && power > this.#noise * this.#thresholdRatio;
    if (loud) this.#heardLoud();
    else this.#heardQuiet();
  }

  /** The noise is the lowest smoothed power in all parts of the memory. */
  #followNoise(power: number): void {
    this.#smoothed = this.#smoothed < 0
      ? power
      : SMOOTHING * this.#smoothed + (1 - SMOOTHING) * power;
    if (this.#framesInPart++ === this.#framesPerPart) {
      this.#framesInPart = 1;
      this.#part = (this.#part + 1) % NOISE_PARTS;
      this.#quietest[this.#part] = Infinity;
    }
    this.#quietest[this.#part] = Math.min(this.#quietest[this.#part]!, this.#smoothed);
    this.#noise = this.#quietest[0]!;
    for (let i = 1; i < NOISE_PARTS; i++) {
      if (this.#quietest[i]! < this.#noise) this.#noise = this.#quietest[i]!;
    }
  }

  #heardLoud(): void {
    this.#loudSince ??= this.#frames - 1;
    this.#lastLoud = this.#frames;
    if (this.#speechSince !== undefined) return;
    if (this.#frames - this.#loudSince < this.#startFrames) return;
    this.#speechSince = this.#loudSince;
    this.#events.push({ kind: "speech-start", atMs: this.#loudSince * FRAME_MS });
  }

  #heardQuiet(): void {
    const quietFrames = this.#frames - this.#lastLoud;
    if (this.#speechSince === undefined) {
      if (quietFrames > GAP_FRAMES) this.#loudSince = undefined;
      return;
    }
    if (quietFrames < this.#hangoverFrames) return;
    const atMs = this.#lastLoud * FRAME_MS;
    const durationMs = atMs - this.#speechSince * FRAME_MS;
    this.#events.push({ kind: "speech-end", atMs, durationMs });
    this.#speechSince = undefined;
    this.#loudSince = undefined;
  }
}
