/**
 * How a jambonz server plays streamed audio of an application, 20 ms at a time, as in
 * `mod_audio_fork`. It has no clock: its owner calls `tick` every 20 ms.
 * @module
 */
import { PcmStream } from "../../audio/pcm.ts";
import { Resampler } from "../../audio/resample.ts";
import { PendingMarks } from "./pending_marks.ts";

/** The sample rate of a telephone call. */
export const CHANNEL_RATE = 8000;
/** The samples in 20 ms. */
export const FRAME_SAMPLES = 160;

/** The buffer before the first playout: 160 ms, in samples of the channel. */
const FIRST_SAMPLES = 1280;
/** The buffer before later playout: 80 ms. */
const NEXT_SAMPLES = 640;
/** The place of a mark in the audio. Any sample of this value counts as one. */
const MARK_SAMPLE = -1;

/** The report of a mark. */
export interface MarkTold {
  readonly name: string;
  readonly event: "playout" | "cleared";
}

/** 20 ms of playout. */
export interface Tick {
  /** The audio of the application, padded with silence; undefined without audio. */
  readonly frame: Int16Array<ArrayBuffer> | undefined;
  /** How many samples of the frame came from the application. */
  readonly samples: number;
  /** Marks to report, in order. */
  readonly told: readonly MarkTold[];
  /** Whether killAudio has dropped the queue. */
  readonly killed: boolean;
}

/** The playout of one socket. */
export class Playout {
  readonly marks = new PendingMarks();
  readonly #halves = new PcmStream();
  readonly #resampler: Resampler | undefined;
  /** Samples of the application for each sample of the channel. */
  readonly #downscale: number;
  #threshold: number;
  #waiting: Int16Array = new Int16Array(0);
  #playing: Int16Array = new Int16Array(0);
  #killing = false;

  /** Takes audio of this sample rate. */
  constructor(sampleRate: number = CHANNEL_RATE) {
    this.#downscale = Math.max(1, Math.floor(sampleRate / CHANNEL_RATE));
    this.#threshold = FIRST_SAMPLES * this.#downscale;
    if (sampleRate !== CHANNEL_RATE) this.#resampler = new Resampler(sampleRate, CHANNEL_RATE);
  }

  /** Takes audio; pieces may split samples. */
  give(bytes: Uint8Array): void {
    const samples = this.#halves.read(bytes);
    const places = new Int16Array(this.marks.place()).fill(MARK_SAMPLE);
    this.#waiting = joined(this.#waiting, places, samples);
    if (this.#waiting.length < this.#threshold) return;
    this.#threshold = NEXT_SAMPLES * this.#downscale;
    const whole = this.#waiting.length - this.#waiting.length % this.#downscale;
    const piece = this.#waiting.subarray(0, whole);
    this.#waiting = this.#waiting.slice(whole);
    // The places of marks are resampled too: an application with another rate loses its marks.
    this.#playing = joined(this.#playing, this.#resampler?.push(piece) ?? piece);
  }

  /** The next tick drops the queue. Audio in the buffer stays, and is played later. */
  kill(): void {
    this.#killing = true;
  }

  /** The next 20 ms. */
  tick(): Tick {
    if (this.#killing) {
      this.#killing = false;
      this.#playing = new Int16Array(0);
      const told = this.marks.kill().map((name) => ({ name, event: "cleared" as const }));
      return { frame: undefined, samples: 0, told, killed: true };
    }
    const taken = this.#playing.subarray(0, FRAME_SAMPLES);
    this.#playing = this.#playing.subarray(taken.length);
    if (this.marks.inAudio) return this.#withMarks(taken);
    if (taken.length > 0) {
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(taken);
      return { frame, samples: taken.length, told: [], killed: false };
    }
    const name = this.marks.takeWaiting();
    const told = name === undefined ? [] : [{ name, event: "playout" as const }];
    return { frame: undefined, samples: 0, told, killed: false };
  }

  #withMarks(taken: Int16Array): Tick {
    const frame = new Int16Array(FRAME_SAMPLES);
    const told: MarkTold[] = [];
    let samples = 0;
    for (const sample of taken) {
      if (sample !== MARK_SAMPLE) {
        frame[samples++] = sample;
        continue;
      }
      const name = this.marks.reach();
      if (name !== undefined) told.push({ name, event: "playout" });
    }
    return { frame: samples === 0 ? undefined : frame, samples, told, killed: false };
  }
}

function joined(...pieces: readonly Int16Array[]): Int16Array {
  const some = pieces.filter((piece) => piece.length > 0);
  if (some.length === 1) return some[0]!;
  const whole = new Int16Array(some.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of some) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
