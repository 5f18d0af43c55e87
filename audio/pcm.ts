/**
 * Signed 16-bit little-endian PCM: bytes as samples, durations, levels. Deno runs on little-endian
 * machines only, so bytes and samples can share memory.
 * @module
 */

/** Bytes of one sample of one channel. */
export const BYTES_PER_SAMPLE = 2;

/** The value of a full-scale sample. */
export const FULL_SCALE = 32768;

/**
 * The samples in `bytes`: a view when they begin at an even address, a copy otherwise. Ignores a last
 * half sample; for a stream that may split samples use `PcmStream`.
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

/** Reads a PCM stream whose pieces may split samples: a half waits for its other half. */
export class PcmStream {
  #half: number | undefined;

  /** The complete samples; a view of `bytes` when possible, else a copy. */
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
 * The bytes of a frame of `ms` milliseconds: 320 for 20 ms of mono at 8 kHz.
 * @throws {RangeError} when that is not a whole number of samples
 */
export function frameBytes(ms: number, sampleRate: number, channels = 1): number {
  const samples = ms * sampleRate / 1000;
  if (!Number.isSafeInteger(samples) || samples <= 0) {
    throw new RangeError(`${ms} ms at ${sampleRate} Hz is not a whole number of samples`);
  }
  return samples * channels * BYTES_PER_SAMPLE;
}

/** The duration of `bytes` of PCM in milliseconds: 20 for 320 bytes of mono at 8 kHz. */
export function durationMs(bytes: number, sampleRate: number, channels = 1): number {
  return bytes * 1000 / (sampleRate * channels * BYTES_PER_SAMPLE);
}

/**
 * Two mono streams as one in stereo, left first. Silence extends the shorter one: the result has
 * twice the samples of the longer one.
 */
export function interleave(left: Int16Array, right: Int16Array): Int16Array<ArrayBuffer> {
  const stereo = new Int16Array(2 * Math.max(left.length, right.length));
  for (let i = 0; i < left.length; i++) stereo[2 * i] = left[i]!;
  for (let i = 0; i < right.length; i++) stereo[2 * i + 1] = right[i]!;
  return stereo;
}

/**
 * The level of `samples`: their root mean square in dBFS. A full-scale square wave has 0 dBFS, a
 * sine -3.01 dBFS; silence and no samples have -Infinity.
 */
export function level(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return sum === 0 ? -Infinity : 10 * Math.log10(sum / samples.length / FULL_SCALE ** 2);
}

/** Rounds a number to the nearest 16-bit sample, with clipping. */
export function toSample(value: number): number {
  const rounded = Math.round(value);
  return rounded > 32767 ? 32767 : rounded < -32768 ? -32768 : rounded;
}
