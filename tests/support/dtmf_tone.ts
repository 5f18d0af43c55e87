/** The sound of DTMF digits: two sines at once. */
import { DTMF_DIGITS, DTMF_HIGH_HZ, DTMF_LOW_HZ, type DtmfDigit } from "../../audio/dtmf_digits.ts";
import { FULL_SCALE, toSample } from "../../audio/pcm.ts";

/** How a digit sounds. */
export interface DtmfTone {
  /** 100 ms. */
  readonly durationMs?: number;
  /** The level of both tones together, as `level` in pcm.ts measures it; -13 dBFS, at most -6.1. */
  readonly levelDbfs?: number;
  /** How much louder the high frequency is than the low one; 0 dB. */
  readonly twistDb?: number;
  /**
   * The length of the fade in and of the fade out, which prevent clicks; 2 ms, part of the
   * duration.
   */
  readonly rampMs?: number;
  /** 8000. */
  readonly sampleRate?: number;
}

const MAX_LEVEL_DBFS = -6.1;

/**
 * The samples of a digit.
 * @throws {RangeError} for a level that clips, a duration of 0 or above a minute, and a sample rate
 * that cannot carry the tones
 */
export function dtmfTone(digit: DtmfDigit, tone: DtmfTone = {}): Int16Array<ArrayBuffer> {
  const { durationMs = 100, levelDbfs = -13, twistDb = 0, rampMs = 2, sampleRate = 8000 } = tone;
  if (!(levelDbfs <= MAX_LEVEL_DBFS)) {
    throw new RangeError(`${levelDbfs} dBFS would clip: at most ${MAX_LEVEL_DBFS}`);
  }
  if (!(durationMs > 0 && durationMs <= 60_000)) {
    throw new RangeError(`A tone of ${durationMs} ms: from above 0 to 60000`);
  }
  if (!(sampleRate >= 4000)) throw new RangeError(`${sampleRate} Hz cannot carry DTMF`);
  const key = DTMF_DIGITS.indexOf(digit);
  const low = 2 * Math.PI * DTMF_LOW_HZ[key >> 2]! / sampleRate;
  const high = 2 * Math.PI * DTMF_HIGH_HZ[key & 3]! / sampleRate;
  const power = 10 ** (levelDbfs / 10) * 2 * FULL_SCALE ** 2;
  const ratio = 10 ** (twistDb / 10);
  const lowAmplitude = Math.sqrt(power / (1 + ratio));
  const highAmplitude = Math.sqrt(power * ratio / (1 + ratio));

  const samples = new Int16Array(Math.round(durationMs * sampleRate / 1000));
  const ramp = Math.min(rampMs * sampleRate / 1000, samples.length / 2);
  for (let i = 0; i < samples.length; i++) {
    const fromEdge = Math.min(i, samples.length - 1 - i);
    const gain = fromEdge < ramp ? (1 - Math.cos(Math.PI * (fromEdge + 0.5) / ramp)) / 2 : 1;
    samples[i] = toSample(
      gain * (lowAmplitude * Math.sin(low * i) + highAmplitude * Math.sin(high * i)),
    );
  }
  return samples;
}
