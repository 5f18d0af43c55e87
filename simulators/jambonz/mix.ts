/**
 * The audio that a jambonz server sends of a call: the caller, and the audio that the caller hears.
 * @module
 */
import { bytesOf, interleave, toSample } from "../../audio/pcm.ts";
import { Resampler } from "../../audio/resample.ts";
import type { MixType } from "./listen_verb.ts";
import { CHANNEL_RATE } from "./playout.ts";

/** Mixes the audio of one socket. */
export class Mix {
  readonly #mixType: MixType;
  readonly #caller: Resampler | undefined;
  readonly #heard: Resampler | undefined;

  /** @throws {RangeError} for an invalid sample rate */
  constructor(mixType: MixType, sampleRate: number) {
    this.#mixType = mixType;
    if (sampleRate === CHANNEL_RATE) return;
    this.#caller = new Resampler(CHANNEL_RATE, sampleRate);
    this.#heard = new Resampler(CHANNEL_RATE, sampleRate);
  }

  /** One frame from equally many samples of both. */
  frame(caller: Int16Array<ArrayBuffer>, heard: Int16Array): Uint8Array<ArrayBuffer> {
    const left = this.#caller?.push(caller) ?? caller;
    if (this.#mixType === "mono") return bytesOf(left);
    const right = this.#heard?.push(heard) ?? heard;
    return bytesOf(this.#mixType === "stereo" ? interleave(left, right) : sum(left, right));
  }
}

/** The sum of two streams, clipped to full scale. */
export function sum(one: Int16Array, other: Int16Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(one, (sample, index) => toSample(sample + (other[index] ?? 0)));
}
