/** Voice activity: bursts in noise, real words, and audio that is not speech. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { type SpeechEvent, type VadSettings, VoiceDetector } from "../../audio/vad.ts";
import { readWav } from "../../audio/wav.ts";
import { join, mix, noise, pieces, silence } from "../data/audio/signals.ts";

Deno.test("vad reports the start and end of a burst in noise", () => {
  for (const noiseDbfs of [-60, -50, -42]) {
    const signal = inNoise(bursts([1000, 800]), noiseDbfs);
    const [start, end, ...more] = hear(signal);
    assert(start?.kind === "speech-start" && end?.kind === "speech-end");
    assertEquals(more, []);
    assertAlmostEquals(start.atMs, 1000, 20);
    assertAlmostEquals(end.atMs, 1800, 30);
    assertEquals(end.durationMs, end.atMs - start.atMs);
  }
});

Deno.test("vad reports a start after 60 ms and an end after the hangover", () => {
  const detector = new VoiceDetector();
  const signal = bursts([1000, 500]);
  const told: number[] = [];
  for (let at = 0; at < signal.length; at += 80) {
    for (const _ of detector.hear(signal.subarray(at, at + 80))) told.push(at / 8 + 10);
  }
  assertEquals(told, [1060, 1900]);
});

Deno.test("vad bridges pauses between words and separates sentences", () => {
  const kinds = (pauseMs: number) =>
    hear(inNoise(bursts([1000, 500], [1500 + pauseMs, 500]), -55)).map(({ kind }) => kind);
  assertEquals(kinds(300), ["speech-start", "speech-end"]);
  assertEquals(kinds(600), ["speech-start", "speech-end", "speech-start", "speech-end"]);
});

Deno.test("vad does not mistake a click for speech", () => {
  assertEquals(hear(inNoise(bursts([1000, 30], [1500, 40], [2000, 20]), -55)), []);
});

Deno.test("vad adapts to a louder line and still detects speech above it", () => {
  const quiet = noise(3 * 8000, -60, 1);
  const loud = noise(10 * 8000, -38, 2);
  const speech = join(silence(9000), bursts([0, 1000]));
  const events = hear(mix(join(quiet, loud), speech));
  const last = events.slice(-2);
  assertEquals(last.map(({ kind }) => kind), ["speech-start", "speech-end"]);
  assertAlmostEquals(last[0]!.atMs, 9000, 30);
  assertLess(last[1]!.atMs - last[0]!.atMs, 1100);
  // The noise counts as speech at most until the memory has it as noise.
  const before = events.slice(0, -2);
  for (const { atMs } of before) assertLess(atMs, 3000 + 3500);
});

Deno.test("vad follows the level of the noise", () => {
  const detector = new VoiceDetector();
  const burst = noise(300 * 8, -39, 5);
  detector.hear(noise(6 * 8000, -45, 3));
  assertEquals(detector.hear(burst), [], "6 dB above the noise");
  detector.hear(noise(1 * 8000, -65, 4));
  assertEquals(detector.hear(burst).map(({ kind }) => kind), ["speech-start"]);
});

Deno.test("vad detects nothing in silence, steady noise or a constant", () => {
  assertEquals(hear(new Int16Array(40_000)), []);
  for (const dbfs of [-70, -55, -45]) assertEquals(hear(noise(80_000, dbfs)), []);
  assertEquals(hear(new Int16Array(40_000).fill(3000)), []);
});

Deno.test("vad detects speech that starts at once", () => {
  const [start] = hear(inNoise(bursts([0, 600]), -60));
  assertEquals(start, { kind: "speech-start", atMs: 0 });
});

Deno.test("vad reports one sentence once, from its first word to its last", async () => {
  const file = await Deno.readFile(new URL("../data/audio/speech.wav", import.meta.url));
  const speech = readWav(file).samples;
  for (const signal of [speech, mix(speech, noise(speech.length, -50))]) {
    const events = hear(signal, { hangoverMs: 600 });
    assertEquals(events.map(({ kind }) => kind), ["speech-start", "speech-end"]);
    assertAlmostEquals(events[0]!.atMs, 520, 30);
    assertAlmostEquals(events[1]!.atMs, 4570, 60);
  }
});

Deno.test("vad gives the same result in pieces of any size", () => {
  const signal = inNoise(bursts([1000, 500], [2500, 300]), -50);
  const expected = hear(signal);
  assertEquals(expected.length, 4);
  for (const most of [1, 100, 160, 5000]) {
    const detector = new VoiceDetector();
    assertEquals(
      pieces(signal, most, most).flatMap((piece) => [...detector.hear(piece)]),
      expected,
    );
  }
});

Deno.test("vad has configurable thresholds", () => {
  const signal = inNoise(bursts([1000, 300]), -55);
  assertEquals(hear(signal, { minLevelDbfs: -10 }), []);
  assertEquals(hear(signal, { thresholdDb: 50 }), []);
  assertEquals(hear(signal, { startMs: 400 }), []);
  assertEquals(hear(signal, { startMs: 200 }).length, 2);
  assertThrows(() => new VoiceDetector({}, 8050.5), RangeError);
});

/** Syllables of noise at -20 dBFS; each burst has a beginning and a length. */
function bursts(...times: [startMs: number, lengthMs: number][]): Int16Array {
  const last = times.at(-1)!;
  const signal = new Int16Array((last[0] + last[1] + 1000) * 8);
  for (const [startMs, lengthMs] of times) {
    const burst = noise(lengthMs * 8, -20, startMs + 1);
    for (let i = 0; i < burst.length; i++) {
      // Syllables: four swings a second, never quite silent.
      burst[i] = burst[i]! * (0.6 + 0.4 * Math.cos(2 * Math.PI * 4 * i / 8000));
    }
    signal.set(burst, startMs * 8);
  }
  return signal;
}

function inNoise(signal: Int16Array, dbfs: number): Int16Array {
  return mix(signal, noise(signal.length, dbfs, 99));
}

function hear(signal: Int16Array, settings?: VadSettings): SpeechEvent[] {
  return [...new VoiceDetector(settings).hear(signal)];
}
