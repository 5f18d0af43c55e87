/** DTMF: generated tones and detected digits. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { DtmfDetector, type DtmfEvent, type DtmfLimits } from "../../audio/dtmf_detector.ts";
import { DTMF_DIGITS } from "../../audio/dtmf_digits.ts";
import { dtmfTone } from "../support/dtmf_tone.ts";
import { decodeMuLaw } from "../../audio/g711.ts";
import { encodeMuLaw } from "../support/g711_encoder.ts";
import { level } from "../../audio/pcm.ts";
import { resample } from "../../audio/resample.ts";
import { readWav } from "../../audio/wav.ts";
import { join, mix, noise, offDigit, pieces, silence, sine } from "../data/audio/signals.ts";

const NOISE_15_DB = -16 - 15 + 3;

Deno.test("dtmfTone() has the requested duration and level", () => {
  for (const digit of DTMF_DIGITS) {
    const tone = dtmfTone(digit, { durationMs: 200, levelDbfs: -20 });
    assertEquals(tone.length, 1600);
    assertAlmostEquals(level(tone.subarray(100, 1500)), -20, 0.3);
  }
  assertEquals(dtmfTone("5").length, 800);
  assertEquals(dtmfTone("5", { sampleRate: 24_000 }).length, 2400);
});

Deno.test("dtmfTone() starts and ends without a click", () => {
  for (const digit of DTMF_DIGITS) {
    const tone = dtmfTone(digit, { levelDbfs: -6.1 });
    const edges = [...tone.subarray(0, 3), ...tone.subarray(-3)];
    assertLess(Math.max(...edges.map(Math.abs)), 3000);
  }
});

Deno.test("dtmfTone() applies the requested twist", () => {
  const tone = dtmfTone("1", { durationMs: 1000, levelDbfs: -15, twistDb: 4, rampMs: 0 });
  const low = amplitude(tone, 697);
  const high = amplitude(tone, 1209);
  assertAlmostEquals(20 * Math.log10(high / low), 4, 0.05);
});

Deno.test("dtmfTone() refuses levels that clip and empty durations", () => {
  assertThrows(() => dtmfTone("1", { levelDbfs: -6 }), RangeError, "clip");
  assertThrows(() => dtmfTone("1", { levelDbfs: NaN }), RangeError);
  assertThrows(() => dtmfTone("1", { durationMs: 0 }), RangeError);
  assertThrows(() => dtmfTone("1", { durationMs: 60_001 }), RangeError);
  assertThrows(() => dtmfTone("1", { sampleRate: 2000 }), RangeError);
});

Deno.test("dtmfDetector detects all sixteen digits of SoX, at every offset from 0 to 60 ms", async () => {
  const file = await Deno.readFile(new URL("../data/audio/dtmf.wav", import.meta.url));
  const events = hear(readWav(file).samples);
  assertEquals(events.length, 32);
  for (const [i, digit] of DTMF_DIGITS.entries()) {
    const [start, end] = events.slice(2 * i, 2 * i + 2);
    assert(start?.kind === "start" && end?.kind === "end");
    assertEquals([start.digit, end.digit], [digit, digit]);
    assertAlmostEquals(start.atMs, 120 * i, 2);
    assertAlmostEquals(end.atMs, 120 * i + 60, 2);
    assertAlmostEquals(end.durationMs, 60, 3);
  }
});

Deno.test("dtmfDetector detects our own tones, from quiet to loud", () => {
  for (const levelDbfs of [-30, -20, -13, -6.1]) {
    for (const digit of DTMF_DIGITS) {
      assertEquals(digits(padded(dtmfTone(digit, { durationMs: 50, levelDbfs }))), digit);
    }
  }
});

Deno.test("dtmfDetector detects digits in frames of any size", () => {
  const signal = join(...DTMF_DIGITS.map((digit) => join(silence(50), dtmfTone(digit))));
  const expected = hear(signal);
  for (const most of [1, 7, 80, 160, 1280, 100_000]) {
    const detector = new DtmfDetector();
    assertEquals(
      pieces(signal, most, most).flatMap((piece) => [...detector.hear(piece)]),
      expected,
    );
  }
});

Deno.test("dtmfDetector reports a digit 50 ms after it began, while it lasts", () => {
  const detector = new DtmfDetector();
  const tone = dtmfTone("7", { durationMs: 500 });
  const events = [0, 160, 320].flatMap((at) => [...detector.hear(tone.subarray(at, at + 160))]);
  assertEquals(events.map(({ kind }) => kind), ["start"]);
});

Deno.test("dtmfDetector detects 50 ms with noise 15 dB below the digit", () => {
  for (const digit of DTMF_DIGITS) {
    for (let seed = 1; seed <= 20; seed++) {
      const signal = padded(offDigit(digit, { ms: 50 }), 100 + seed);
      assertEquals(digits(mix(signal, noise(signal.length, NOISE_15_DB, seed))), digit);
    }
  }
});

Deno.test("dtmfDetector accepts frequencies 1.5 % off and rejects 3.5 %", () => {
  for (const digit of DTMF_DIGITS) {
    for (const offset of [-0.035, -0.015, 0.015, 0.035]) {
      for (let seed = 1; seed <= 5; seed++) {
        const clean = padded(offDigit(digit, { ms: 60, offset }), 100 + seed);
        const noisy = mix(clean, noise(clean.length, NOISE_15_DB, seed));
        const expected = Math.abs(offset) < 0.02 ? digit : "";
        assertEquals([digits(clean), digits(noisy)], [expected, expected], `${digit} ${offset}`);
      }
    }
  }
});

Deno.test("dtmfDetector detects 40 ms and ignores 30 ms, at every offset", () => {
  for (const digit of DTMF_DIGITS) {
    for (let offset = 0; offset < 40; offset += 3) {
      const at = (ms: number) =>
        join(new Int16Array(800 + offset), offDigit(digit, { ms }), silence(100));
      assertEquals([digits(at(40)), digits(at(30))], [digit, ""], `${digit} ${offset}`);
    }
  }
});

Deno.test("dtmfDetector reports a repeated digit with a pause twice", () => {
  for (const pauseMs of [40, 50, 200]) {
    for (const digit of DTMF_DIGITS) {
      const tone = offDigit(digit, { ms: 50 });
      assertEquals(digits(padded(join(tone, silence(pauseMs), tone))), digit + digit);
    }
  }
});

Deno.test("dtmfDetector reports a digit with a gap of 10 ms once", () => {
  const tone = offDigit("5", { ms: 50 });
  const events = hear(padded(join(tone, silence(10), tone)));
  assertEquals(events.map(({ kind }) => kind), ["start", "end"]);
  assertAlmostEquals(events[1]!.atMs - events[0]!.atMs, 110, 3);
});

Deno.test("dtmfDetector detects different digits without a pause between them", () => {
  const tones = ["1", "5", "9", "#"] as const;
  const signal = padded(join(...tones.map((digit) => offDigit(digit, { ms: 60 }))));
  assertEquals(digits(signal), "159#");
  assertEquals(hear(signal).filter(({ kind }) => kind === "end").length, 4);
});

Deno.test("dtmfDetector accepts twist within its limits only", () => {
  const heard = (lowDb: number, highDb: number, limits?: DtmfLimits) =>
    digits(padded(offDigit("6", { lowDb, highDb })), limits);
  assertEquals(heard(-18, -14), "6");
  assertEquals(heard(-12, -20), "6");
  assertEquals(heard(-20, -12), "");
  assertEquals(heard(-10, -22), "");
  assertEquals(heard(-20, -12, { maxTwistDb: 9 }), "6");
});

Deno.test("dtmfDetector ignores quiet digits, and detects them when configured to", () => {
  const tone = padded(offDigit("6", { lowDb: -42, highDb: -42 }));
  assertEquals(digits(tone), "");
  assertEquals(digits(tone, { minLevelDb: -45 }), "6");
});

Deno.test("dtmfDetector does not mistake one tone, or three, for a digit", () => {
  assertEquals(digits(padded(sine(697, 800))), "");
  assertEquals(digits(padded(sine(1209, 800))), "");
  assertEquals(digits(padded(mix(sine(697, 800), sine(852, 800), sine(1209, 800)))), "");
  assertEquals(digits(padded(mix(offDigit("1", { ms: 100 }), sine(440, 800, 8000, 0.2)))), "");
});

Deno.test("dtmfDetector detects nothing in speech", async () => {
  const names = ["offer", "agreed", "refused", "no_input", "goodbye"];
  const files = [
    new URL("../data/audio/speech.wav", import.meta.url),
    ...names.map((name) => new URL(`../../apps/prompts/${name}.wav`, import.meta.url)),
  ];
  for (const file of files) {
    assertEquals(hear(readWav(await Deno.readFile(file)).samples), [], file.pathname);
  }
});

Deno.test("dtmfDetector detects nothing in music, noise and silence", async () => {
  const music = await Deno.readFile(new URL("../data/audio/music.wav", import.meta.url));
  assertEquals(hear(readWav(music).samples), []);
  for (const dbfs of [-10, -25, -40]) assertEquals(hear(noise(80_000, dbfs)), []);
  assertEquals(hear(new Int16Array(80_000)), []);
});

Deno.test("dtmfDetector detects digits mixed with speech", async () => {
  const file = await Deno.readFile(new URL("../data/audio/speech.wav", import.meta.url));
  const speech = readWav(file).samples.subarray(0, 20_000);
  assertEquals(digits(padded(join(speech, offDigit("8", { ms: 60 })))), "8");
});

Deno.test("dtmfDetector detects digits that were µ-law, and digits at 16 kHz", () => {
  const signal = join(...DTMF_DIGITS.map((digit) => join(silence(60), dtmfTone(digit))));
  const all = DTMF_DIGITS.join("");
  assertEquals(digits(decodeMuLaw(encodeMuLaw(signal))), all);
  const detector = new DtmfDetector({}, 16_000);
  const wide = join(resample(signal, 8000, 16_000), new Int16Array(1600));
  assertEquals(starts([...detector.hear(wide)]), all);
  assertThrows(() => new DtmfDetector({}, 11_025), RangeError);
});

Deno.test("dtmfDetector times a digit to within 2 ms, at every offset between the hops", () => {
  for (let shift = 0; shift < 40; shift++) {
    const events = hear(join(new Int16Array(800 + shift), offDigit("3", { ms: 83 }), silence(60)));
    assertAlmostEquals(events[0]!.atMs, 100 + shift / 8, 2);
    assertAlmostEquals(events[1]!.atMs, 183 + shift / 8, 2);
  }
  assertGreater(hear(padded(dtmfTone("3"))).length, 0);
});

function padded(signal: Int16Array, ms = 100): Int16Array {
  return join(silence(ms), signal, silence(100));
}

function hear(signal: Int16Array, limits?: DtmfLimits): DtmfEvent[] {
  return [...new DtmfDetector(limits).hear(signal)];
}

function digits(signal: Int16Array, limits?: DtmfLimits): string {
  return starts(hear(signal, limits));
}

function starts(events: DtmfEvent[]): string {
  return events.filter(({ kind }) => kind === "start").map(({ digit }) => digit).join("");
}

function amplitude(samples: Int16Array, hz: number): number {
  let real = 0;
  let imaginary = 0;
  for (let i = 0; i < samples.length; i++) {
    real += samples[i]! * Math.cos(2 * Math.PI * hz * i / 8000);
    imaginary += samples[i]! * Math.sin(2 * Math.PI * hz * i / 8000);
  }
  return 2 * Math.hypot(real, imaginary) / samples.length;
}
