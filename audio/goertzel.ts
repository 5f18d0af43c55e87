/**
 * Measures the power of a few frequencies in a stream, and their frequency errors: Goertzel's
 * algorithm under a Hann window that moves in hops.
 * @module
 */
import { FULL_SCALE } from "./pcm.ts";

/** Measures pairs of frequencies, hop after hop. */
export class GoertzelBank {
  readonly #sampleRate: number;
  readonly #hop: number;
  readonly #omegas: Float64Array;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #hann: Float64Array;
  readonly #hannSum: number;
  readonly #hannEnergy: number;
  /** The last samples of the stream as fractions of full scale, and the same under the window. */
  readonly #samples: Float64Array;
  readonly #windowed: Float64Array;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #realBefore: Float64Array;
  readonly #imaginaryBefore: Float64Array;
  #power = 0;

  /**
   * Takes an even number of frequencies in Hz; `window` and `hop` in samples. Frequency errors are
   * measured up to half the hop rate.
   */
  constructor(frequencies: readonly number[], sampleRate: number, window: number, hop: number) {
    this.#sampleRate = sampleRate;
    this.#hop = hop;
    this.#omegas = Float64Array.from(frequencies, (hz) => 2 * Math.PI * hz / sampleRate);
    this.#cosines = this.#omegas.map(Math.cos);
    this.#sines = this.#omegas.map(Math.sin);
    this.#hann = Float64Array.from(
      { length: window },
      (_, i) => (1 - Math.cos(2 * Math.PI * (i + 0.5) / window)) / 2,
    );
    this.#hannSum = this.#hann.reduce((sum, weight) => sum + weight, 0);
    this.#hannEnergy = this.#hann.reduce((sum, weight) => sum + weight * weight, 0);
    this.#samples = new Float64Array(window);
    this.#windowed = new Float64Array(window);
    const length = frequencies.length;
    this.#real = new Float64Array(length);
    this.#imaginary = new Float64Array(length);
    this.#realBefore = new Float64Array(length);
    this.#imaginaryBefore = new Float64Array(length);
  }

  /** The mean power of the window; a full-scale sine has 0.5. */
  get power(): number {
    return this.#power;
  }

  /**
   * Takes one hop, the samples from index `from` on. Skips the measurement below the power `floor`.
   */
  hear(samples: Int16Array, from: number, floor: number): void {
    const last = this.#samples;
    const start = last.length - this.#hop;
    last.copyWithin(0, this.#hop);
    for (let i = 0; i < this.#hop; i++) last[start + i] = samples[from + i]! / FULL_SCALE;
    let energy = 0;
    for (let i = 0; i < last.length; i++) {
      const value = last[i]! * this.#hann[i]!;
      this.#windowed[i] = value;
      energy += value * value;
    }
    this.#power = energy / this.#hannEnergy;
    this.#realBefore.set(this.#real);
    this.#imaginaryBefore.set(this.#imaginary);
    if (this.#power >= floor) {
      for (let tone = 0; tone < this.#omegas.length; tone += 2) this.#measurePair(tone);
    } else {
      this.#real.fill(0);
      this.#imaginary.fill(0);
    }
  }

  /** The mean power at exactly the frequency with this index. */
  tonePower(tone: number): number {
    const real = this.#real[tone]!;
    const imaginary = this.#imaginary[tone]!;
    return 2 * (real * real + imaginary * imaginary) / (this.#hannSum * this.#hannSum);
  }

  /** The error of the frequency with this index, in Hz, from the rotation of its phase. */
  offsetHz(tone: number): number {
    const real = this.#real[tone]!;
    const imaginary = this.#imaginary[tone]!;
    const realBefore = this.#realBefore[tone]!;
    const imaginaryBefore = this.#imaginaryBefore[tone]!;
    const turn = Math.atan2(
      imaginary * realBefore - real * imaginaryBefore,
      real * realBefore + imaginary * imaginaryBefore,
    );
    const extra = turn - this.#omegas[tone]! * this.#hop;
    const wrapped = extra - 2 * Math.PI * Math.round(extra / (2 * Math.PI));
    return wrapped * this.#sampleRate / (2 * Math.PI * this.#hop);
  }

  /** The correction factor of the power for this frequency error, below one bin of the window. */
  offsetGain(offsetHz: number): number {
    const bins = Math.abs(offsetHz) * this.#windowed.length / this.#sampleRate;
    if (bins < 1e-6) return 1;
    const response = Math.sin(Math.PI * bins) / (Math.PI * bins * (1 - bins * bins));
    return 1 / (response * response);
  }

  /** Two tones in one pass: each loop of one alone waits for its previous product. */
  #measurePair(tone: number): void {
    const windowed = this.#windowed;
    const firstFactor = 2 * this.#cosines[tone]!;
    const secondFactor = 2 * this.#cosines[tone + 1]!;
    let first = 0;
    let firstBefore = 0;
    let second = 0;
    let secondBefore = 0;
    for (let i = 0; i < windowed.length; i++) {
      const sample = windowed[i]!;
      const firstNow = sample + firstFactor * first - firstBefore;
      const secondNow = sample + secondFactor * second - secondBefore;
      firstBefore = first;
      first = firstNow;
      secondBefore = second;
      second = secondNow;
    }
    this.#real[tone] = first - firstBefore * this.#cosines[tone]!;
    this.#imaginary[tone] = firstBefore * this.#sines[tone]!;
    this.#real[tone + 1] = second - secondBefore * this.#cosines[tone + 1]!;
    this.#imaginary[tone + 1] = secondBefore * this.#sines[tone + 1]!;
  }
}
