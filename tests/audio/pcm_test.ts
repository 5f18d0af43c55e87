/** PCM as bytes and as samples. */
import { assertAlmostEquals, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  bytesOf,
  durationMs,
  frameBytes,
  interleave,
  level,
  PcmStream,
  samplesOf,
  toSample,
} from "../../audio/pcm.ts";
import { join, pieces, sine } from "../data/audio/signals.ts";

Deno.test("samplesOf() is a view of the same memory at an even address", () => {
  const bytes = Uint8Array.of(9, 9, 0x01, 0x80, 0xff, 0x7f);
  const samples = samplesOf(bytes.subarray(2));
  assertEquals([...samples], [-32767, 32767]);
  assertStrictEquals(samples.buffer, bytes.buffer);
});

Deno.test("samplesOf() copies from an odd address, and omits half a sample", () => {
  const bytes = Uint8Array.of(9, 0x01, 0x80, 0xff, 0x7f, 7);
  assertEquals([...samplesOf(bytes.subarray(1))], [-32767, 32767]);
  assertEquals([...samplesOf(Uint8Array.of(5))], []);
});

Deno.test("bytesOf() covers only the bytes of its samples", () => {
  const samples = Int16Array.of(1, 2, -2);
  const bytes = bytesOf(samples.subarray(1));
  assertEquals([...bytes], [2, 0, 0xfe, 0xff]);
  assertStrictEquals(bytes.buffer, samples.buffer);
});

Deno.test("PcmStream joins samples that were cut in two, whatever the cuts", () => {
  const whole = sine(440, 500);
  const bytes = bytesOf(whole);
  for (let seed = 1; seed <= 20; seed++) {
    const stream = new PcmStream();
    const cuts = cutBytes(bytes, seed);
    assertEquals(join(...cuts.map((piece) => stream.read(piece))), whole);
  }
});

Deno.test("PcmStream waits while it has only half a sample", () => {
  const stream = new PcmStream();
  assertEquals(stream.read(Uint8Array.of(0x34)).length, 0);
  assertEquals(stream.read(new Uint8Array(0)).length, 0);
  assertEquals([...stream.read(Uint8Array.of(0x12))], [0x1234]);
});

Deno.test("frameBytes and durationMs agree: 320 bytes are 20 ms at 8 kHz", () => {
  assertEquals(frameBytes(20, 8000), 320);
  assertEquals(frameBytes(20, 16_000, 2), 1280);
  assertEquals(durationMs(320, 8000), 20);
  assertEquals(durationMs(1280, 16_000, 2), 20);
  assertThrows(() => frameBytes(0.1, 8000), RangeError, "not a whole number");
  assertThrows(() => frameBytes(0, 8000), RangeError);
});

Deno.test("interleave continues the shorter stream with silence", () => {
  assertEquals([...interleave(Int16Array.of(1, 2, 3), Int16Array.of(-1))], [1, -1, 2, 0, 3, 0]);
  assertEquals([...interleave(new Int16Array(0), Int16Array.of(7))], [0, 7]);
});

Deno.test("level() of silence, of a full sine and of half of one", () => {
  assertEquals(level(new Int16Array(160)), -Infinity);
  assertEquals(level(new Int16Array(0)), -Infinity);
  assertAlmostEquals(level(sine(1000, 800, 8000, 1)), -3.01, 0.01);
  assertAlmostEquals(level(sine(1000, 800, 8000, 0.5)), -9.03, 0.01);
  assertEquals(level(new Int16Array(8).fill(-32768)), 0);
});

Deno.test("toSample() rounds, and clamps to 16 bits", () => {
  assertEquals([1.4, 1.6, 40_000, -40_000].map(toSample), [1, 2, 32767, -32768]);
});

function cutBytes(bytes: Uint8Array, seed: number): Uint8Array[] {
  const lengths = pieces(new Int16Array(bytes.length), 7, seed).map(({ length }) => length);
  let at = 0;
  return lengths.map((length) => bytes.subarray(at, at += length));
}
