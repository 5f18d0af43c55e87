/**
 * Signed 16-bit little-endian PCM: bytes seen as samples, how long they last, how loud they are.
 * Every machine that Deno runs on is little-endian, so that bytes and samples share one memory.
 * @module
 */

/** Bytes of one sample of one channel. */
export const BYTES_PER_SAMPLE = 2;

/** What a sample of full scale is, as a number. */
export const FULL_SCALE = 32768;

/**
 * The samples in `bytes`: a view without a copy where they begin at an even address, else a copy.
 * A last half sample is left out; a stream that may be cut anywhere is read by `PcmStream`.
 */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const length = bytes.byteLength >> 1;
  if ((bytes.byteOffset & 1) === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, length);
  return new Int16Array(bytes.slice(0, length * BYTES_PER_SAMPLE).buffer);
}

/** The bytes of `samples`, as a view of the same memory. */
export function bytesOf<Memory extends ArrayBufferLike>(
  samples: Int16Array<Memory>,
): Uint8Array<Memory> {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Reads a stream of PCM that is cut anywhere: half a sample waits for its other half. */
export class PcmStream {
  #half: number | undefined;

  /** The whole samples so far; a view of `bytes` where that is possible, else a copy. */
  read(bytes: Uint8Array): Int16Array {
    if (this.#half === undefined) {
      if (bytes.length % BYTES_PER_SAMPLE === 1) this.#half = bytes[bytes.length - 1];
      return samplesOf(bytes);
    }
    if (bytes.length === 0) return new Int16Array(0);
    const joined = new Uint8Array(bytes.length + 1);
    joined[0] = this.#half;
    joined.set(bytes, 1);
    this.#half = joined.length % BYTES_PER_SAMPLE === 1 ? joined[joined.length - 1] : undefined;
    return samplesOf(joined);
  }
}

/**
 * The bytes of a frame that lasts `ms`: 320 for 20 ms of mono at 8 kHz.
 * Throws a RangeError where that is not a whole number of samples.
 */
export function frameBytes(ms: number, sampleRate: number, channels = 1): number {
  const samples = ms * sampleRate / 1000;
  if (!Number.isSafeInteger(samples) || samples <= 0) {
    throw new RangeError(`${ms} ms at ${sampleRate} Hz is not a whole number of samples`);
  }
  return samples * channels * BYTES_PER_SAMPLE;
}

/** How long `bytes` of PCM last, in milliseconds: 20 for 320 bytes of mono at 8 kHz. */
export function durationMs(bytes: number, sampleRate: number, channels = 1): number {
  return bytes * 1000 / (sampleRate * channels * BYTES_PER_SAMPLE);
}

/**
 * Two mono streams as one in stereo, left first. The shorter one is continued with silence, so that
 * the answer holds twice the samples of the longer one.
 */
export function interleave(left: Int16Array, right: Int16Array): Int16Array<ArrayBuffer> {
  const stereo = new Int16Array(2 * Math.max(left.length, right.length));
  for (let i = 0; i < left.length; i++) stereo[2 * i] = left[i]!;
  for (let i = 0; i < right.length; i++) stereo[2 * i + 1] = right[i]!;
  return stereo;
}

/**
 * How loud `samples` are: their root mean square in dB below full scale. A square wave of full
 * scale is 0 dBFS, a sine -3.01 dBFS; silence, and no samples at all, are -Infinity.
 */
export function level(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return sum === 0 ? -Infinity : 10 * Math.log10(sum / samples.length / FULL_SCALE ** 2);
}

/** A number as the nearest sample: a round one, held to what 16 bits can say. */
export function toSample(value: number): number {
  const rounded = Math.round(value);
  return rounded > 32767 ? 32767 : rounded < -32768 ? -32768 : rounded;
}
