/**
 * How a jambonz server plays the audio that an application streams, 20 ms at a time, as read in
 * `mod_audio_fork`. Has no clock: whoever owns one calls `tick` every 20 ms.
 * @module
 */
import { PcmStream } from "../../audio/pcm.ts";
import { Resampler } from "../../audio/resample.ts";
import { PendingMarks } from "./pending_marks.ts";

/** What a telephone call carries, in samples a second. */
export const CHANNEL_RATE = 8000;
/** 20 ms of it, in samples. */
export const FRAME_SAMPLES = 160;

/** So much must be there before the first audio is heard: 160 ms, in samples of the channel. */
const FIRST_SAMPLES = 1280;
/** From then on audio goes on in pieces of 80 ms: what is shorter waits for more. */
const NEXT_SAMPLES = 640;
/** What stands in the audio for a mark. A sample of this value is taken for one. */
const MARK_SAMPLE = -1;

/** What has become of a mark. */
export interface MarkTold {
  readonly name: string;
  readonly event: "playout" | "cleared";
}

/** 20 ms of playout. */
export interface Tick {
  /** What the caller hears of the application, filled up with silence; undefined for nothing. */
  readonly frame: Int16Array<ArrayBuffer> | undefined;
  /** How many samples of the frame came from the application. */
  readonly samples: number;
  /** Marks to tell, in order. */
  readonly told: readonly MarkTold[];
  /** Whether this was killAudio: all that was queued is gone. */
  readonly killed: boolean;
}

/** What one application plays to one call. */
export class Playout {
  readonly marks = new PendingMarks();
  readonly #halves = new PcmStream();
  readonly #resampler: Resampler | undefined;
  /** Samples of the application to one of the channel, where it has more. */
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

  /** Audio has come, cut anywhere: half a sample waits for its other half. */
  give(bytes: Uint8Array): void {
    const samples = this.#halves.read(bytes);
    const places = new Int16Array(this.marks.place()).fill(MARK_SAMPLE);
    this.#waiting = joined(this.#waiting, places, samples);
    if (this.#waiting.length < this.#threshold) return;
    this.#threshold = NEXT_SAMPLES * this.#downscale;
    const whole = this.#waiting.length - this.#waiting.length % this.#downscale;
    const piece = this.#waiting.subarray(0, whole);
    this.#waiting = this.#waiting.slice(whole);
    // Marks are resampled like the rest: with a rate of its own an application loses them.
    this.#playing = joined(this.#playing, this.#resampler?.push(piece) ?? piece);
  }

  /**
   * The next tick drops what is queued. What still waits for more to come is kept, and heard later.
   */
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
