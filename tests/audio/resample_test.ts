/** Conversions between 8, 16 and 24 kHz, and other sample rates of WAV files. */
import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { level } from "../../audio/pcm.ts";
import { resample, Resampler } from "../../audio/resample.ts";
import { join, noise, pieces, sine } from "../data/audio/signals.ts";

const RATES = [8000, 16_000, 24_000];
const PAIRS = RATES.flatMap((from) => RATES.filter((to) => to !== from).map((to) => [from, to]));

Deno.test("resampler keeps amplitude and frequency of 440 Hz and 1 kHz", () => {
  for (const [from, to] of PAIRS) {
    for (const hz of [440, 1000, 3300]) {
      const out = middle(resample(sine(hz, from!, from), from!, to!));
      assertAlmostEquals(level(out), level(sine(hz, 8000, 8000)), 0.1, `${from} ${to} ${hz}`);
      assertAlmostEquals(measureHz(out, to!, hz), hz, 0.01);
    }
  }
});

Deno.test("resampler suppresses everything but the sine by 50 dB", () => {
  for (const [from, to] of PAIRS) {
    for (const hz of [440, 1000]) {
      const out = resample(sine(hz, from!, from), from!, to!);
      const ideal = sine(hz, to!, to);
      const rest = middle(out.map((sample, i) => sample - ideal[i]!));
      assertLess(level(rest) - level(ideal), -50, `${from} ${to} ${hz}`);
    }
  }
});

Deno.test("resampler attenuates frequencies above the lower Nyquist frequency by 40 dB", () => {
  for (const [from, to] of [[16_000, 8000], [24_000, 8000], [24_000, 16_000]] as const) {
    for (let hz = to / 2 * 1.005; hz < from / 2; hz += 97) {
      const tone = sine(hz, from, from);
      assertLess(level(middle(resample(tone, from, to))) - level(tone), -40, `${from} ${to} ${hz}`);
    }
  }
});

Deno.test("resampler gives the same output in pieces as in one", () => {
  for (const [from, to] of PAIRS) {
    const signal = noise(from!, -20, from! + to!);
    const whole = new Resampler(from!, to!);
    const expected = join(whole.push(signal), whole.flush());
    for (const most of [1, 37, 160, 5000]) {
      const cut = new Resampler(from!, to!);
      const parts = pieces(signal, most, most).map((piece) => cut.push(piece));
      assertEquals(join(...parts, cut.flush()), expected, `${from} ${to} ${most}`);
    }
  }
});

Deno.test("resampler makes 20 ms frames from 20 ms frames", () => {
  for (const [from, to] of PAIRS) {
    const resampler = new Resampler(from!, to!);
    for (let n = 0; n < 20; n++) {
      assertEquals(resampler.push(new Int16Array(from! / 50)).length, to! / 50);
    }
  }
});

Deno.test("resampler delays by less than 4 ms, and reports the delay", () => {
  for (const [from, to] of PAIRS) {
    const resampler = new Resampler(from!, to!);
    assertLess(resampler.delay / to!, 0.004);
    const click = new Int16Array(from! / 10);
    click[0] = 20_000;
    const out = resampler.push(click);
    const peak = out.indexOf(out.reduce((most, sample) => Math.max(most, sample)));
    assertEquals(peak, resampler.delay);
  }
});

Deno.test("resampler preserves a constant, and clamps full scale to 16 bits", () => {
  const out = middle(resample(new Int16Array(4000).fill(-12_345), 8000, 24_000));
  assertEquals(new Set(out), new Set([-12_345]));
  const square = Int16Array.from({ length: 8000 }, (_, i) => i % 40 < 20 ? 32767 : -32768);
  const loud = resample(square, 8000, 16_000);
  for (let i = 200; i < loud.length - 200; i++) {
    const early = square[(i >> 1) - 4]!;
    if (early === square[(i >> 1) + 4]) assertEquals(Math.sign(loud[i]!), Math.sign(early));
  }
});

Deno.test("resample() converts a whole recording without delay, at the right length", () => {
  assertEquals(resample(new Int16Array(8001), 8000, 24_000).length, 24_003);
  assertEquals(resample(new Int16Array(24_001), 24_000, 8000).length, 8001);
  const music = resample(sine(1000, 44_100, 44_100), 44_100, 8000);
  assertEquals(music.length, 8000);
  const ideal = sine(1000, 8000);
  const rest = middle(music.map((sample, i) => sample - ideal[i]!));
  assertLess(level(rest), -55);
  const same = sine(440, 100);
  assertStrictEquals(resample(same, 8000, 8000), same);
});

Deno.test("resampler refuses invalid rates, and rates with too small a common divisor", () => {
  for (const rate of [0, -8000, 8000.5, NaN]) {
    assertThrows(() => new Resampler(rate, 8000), RangeError, "not a sample rate");
  }
  assertThrows(() => new Resampler(44_101, 8000), RangeError, "common divisor is too small");
});

/** Without the edges, where a filter hears the beginning and the end. */
function middle(samples: Int16Array): Int16Array {
  return samples.subarray(200, samples.length - 200);
}

/** The frequency by the phase that a tone gains against `hz` over the signal. */
function measureHz(samples: Int16Array, sampleRate: number, hz: number): number {
  const half = Math.floor(samples.length / 2);
  const turn = phase(samples.subarray(half, 2 * half)) - phase(samples.subarray(0, half));
  const extra = turn - 2 * Math.PI * hz * half / sampleRate;
  const wrapped = extra - 2 * Math.PI * Math.round(extra / (2 * Math.PI));
  return hz + wrapped * sampleRate / (2 * Math.PI * half);

  function phase(part: Int16Array): number {
    let real = 0;
    let imaginary = 0;
    for (let i = 0; i < part.length; i++) {
      const weight = part[i]! * (1 - Math.cos(2 * Math.PI * i / part.length));
      real += weight * Math.cos(2 * Math.PI * hz * i / sampleRate);
      imaginary -= weight * Math.sin(2 * Math.PI * hz * i / sampleRate);
    }
    return Math.atan2(imaginary, real);
  }
}
