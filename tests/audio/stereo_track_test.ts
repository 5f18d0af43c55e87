/** Two streams on one timeline: every sample has its place. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { bytesOf } from "../../audio/pcm.ts";
import { AHEAD_MS, JITTER_MS, type Side, StereoTrack } from "../../audio/stereo_track.ts";

const START_MS = 1000;
const PER_MS = 8;

/** This many milliseconds of samples with this value. */
function piece(value: number, ms: number): Uint8Array<ArrayBuffer> {
  return bytesOf(new Int16Array(ms * PER_MS).fill(value));
}

/** All final samples of both sides. */
function sides(track: StereoTrack, atMost = Infinity): Record<Side, number[]> {
  const stereo = [...track.take(atMost)];
  return {
    left: stereo.filter((_, i) => i % 2 === 0),
    right: stereo.filter((_, i) => i % 2 === 1),
  };
}

/** Runs of equal samples, in milliseconds: `[[0, 20], [7, 40]]`. */
function runs(samples: readonly number[]): [value: number, ms: number][] {
  const found: [number, number][] = [];
  for (const sample of samples) {
    const last = found.at(-1);
    if (last?.[0] === sample) last[1] += 1 / PER_MS;
    else found.push([sample, 1 / PER_MS]);
  }
  return found;
}

/** Without the silence at its end, during which the other side continues. */
function withoutTrailingSilence(samples: readonly number[]): number[] {
  return samples.slice(0, samples.findLastIndex((sample) => sample !== 0) + 1);
}

/** Gives pieces of 20 ms at these times after the start, numbered from `first`. */
function feed(track: StereoTrack, side: Side, atMs: readonly number[], first = 1): void {
  for (const [i, ms] of atMs.entries()) track.give(side, piece(first + i, 20), START_MS + ms);
}

Deno.test("StereoTrack interleaves the sides, left first", () => {
  const track = new StereoTrack(START_MS);
  track.give("left", bytesOf(Int16Array.of(1, 2, 3)), START_MS);
  assertEquals(track.frames, 0, "the right may still say something");
  track.give("right", bytesOf(Int16Array.of(-1, -2)), START_MS);
  assertEquals(track.frames, 2);
  assertEquals([...track.take(9)], [1, -1, 2, -2]);
  track.end();
  assertEquals([...track.take(9)], [3, 0], "silence fills what is missing at the end");
  assertEquals([...track.take(9)], []);
});

Deno.test("StereoTrack joins pieces that arrive with jitter", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "left", [5, 18, 70, 71, JITTER_MS + 80, 150]);
  track.end();
  const expected = [1, 2, 3, 4, 5, 6].map((value) => [value, 20]);
  assertEquals(runs(withoutTrailingSilence(sides(track).left)), expected as [number, number][]);
});

Deno.test("StereoTrack fills a gap with silence up to the next piece", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "left", [0, 20, 40 + JITTER_MS + 1, 121]);
  track.end();
  assertEquals(runs(sides(track).left), [[1, 20], [2, 20], [0, 61], [3, 20], [4, 20]]);
});

Deno.test("StereoTrack counts a late start as a gap", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "right", [500]);
  track.end();
  const { left, right } = sides(track);
  assertEquals([runs(right), runs(left)], [[[0, 500], [1, 20]], [[0, 520]]]);
});

Deno.test("StereoTrack accepts a burst, and then waits for its time", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "right", Array(10).fill(0));
  feed(track, "right", [150, 200 + JITTER_MS], 11);
  feed(track, "right", [301 + JITTER_MS], 13);
  track.end();
  const { right } = sides(track);
  const burst = Array.from({ length: 12 }, (_, i) => [i + 1, 20]) as [number, number][];
  assertEquals(runs(right), [...burst, [0, 121], [13, 20]]);
});

Deno.test("StereoTrack outputs one side while the other is silent", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "left", Array.from({ length: 50 }, (_, i) => 20 * i));
  // The last piece came at 980 ms: up to then the right is known to be silent.
  assertEquals(track.frames, 980 * PER_MS);
  const { left, right } = sides(track);
  assertEquals([left.length, runs(right)], [980 * PER_MS, [[0, 980]]]);
});

Deno.test("StereoTrack ends a silence at the right place, whatever the other side did", () => {
  const quiet = new StereoTrack(START_MS);
  const lively = new StereoTrack(START_MS);
  feed(lively, "left", Array.from({ length: 15 }, (_, i) => 20 * i));
  for (const track of [quiet, lively]) {
    feed(track, "right", [300, 320]);
    track.end();
    assertEquals(runs(sides(track).right), [[0, 300], [1, 20], [2, 20]]);
  }
});

Deno.test("StereoTrack joins samples that are split in two", () => {
  const track = new StereoTrack(START_MS);
  const bytes = bytesOf(Int16Array.from({ length: 200 }, (_, i) => i * 31 - 3000));
  for (const [from, to] of [[0, 1], [1, 8], [8, 8], [8, 101], [101, 400]] as const) {
    track.give("left", bytes.subarray(from, to), START_MS + from / 16);
  }
  track.end();
  assertEquals(sides(track).left, Array.from({ length: 200 }, (_, i) => i * 31 - 3000));
});

Deno.test("StereoTrack copies its input", () => {
  const track = new StereoTrack(START_MS);
  const pcm = piece(7, 20);
  track.give("left", pcm, START_MS);
  pcm.fill(9);
  track.end();
  assertEquals(runs(sides(track).left), [[7, 20]]);
});

Deno.test("StereoTrack omits audio that runs too far ahead", () => {
  const track = new StereoTrack(START_MS);
  const minute = piece(1, AHEAD_MS);
  track.give("left", minute, START_MS);
  track.give("left", minute, START_MS + 1000);
  assertEquals(track.droppedMs, AHEAD_MS - 1000);
  track.give("left", piece(2, 20), START_MS + 1500);
  track.end();
  assertEquals(runs(sides(track).left), [[1, AHEAD_MS + 1000], [2, 20]]);
});

Deno.test("StereoTrack: an hour of silence takes no memory", () => {
  const track = new StereoTrack(START_MS);
  feed(track, "left", [0, 3_600_000]);
  assertEquals(track.frames, 3_600_000 * PER_MS);
  assertEquals(track.waitingBytes, 20 * PER_MS * 2, "the first piece");
  assertEquals(runs(sides(track, 1000 * PER_MS).left), [[1, 20], [0, 980]]);
  assertEquals(track.waitingBytes, 0);
});

Deno.test("StereoTrack: audio that waits for the other side does not count as queued", () => {
  const track = new StereoTrack(START_MS);
  track.give("right", piece(1, 10_000), START_MS);
  assertEquals([track.waitingBytes, track.frames], [0, 0]);
  track.give("left", piece(2, 100), START_MS + 50);
  assertEquals([track.waitingBytes, track.frames], [2 * 1600, 800]);
});

Deno.test("StereoTrack loses, adds and moves no sample, whenever it is read", () => {
  const given = fc.array(
    fc.record({
      side: fc.constantFrom<Side>("left", "right"),
      afterMs: fc.integer({ min: 0, max: 150 }),
      samples: fc.integer({ min: 0, max: 700 }),
      take: fc.integer({ min: 0, max: 900 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(fc.property(given, (pieces) => {
    const eager = new StereoTrack(START_MS);
    const late = new StereoTrack(START_MS);
    const alone = { left: new StereoTrack(START_MS), right: new StereoTrack(START_MS) };
    const said: Record<Side, number[]> = { left: [], right: [] };
    const taken: number[] = [];
    let nowMs = START_MS;
    let number = 0;
    for (const { side, afterMs, samples, take } of pieces) {
      nowMs += afterMs;
      const values = Int16Array.from({ length: samples }, () => ++number % 30_000 + 1);
      said[side].push(...values);
      for (const track of [eager, late, alone[side]]) track.give(side, bytesOf(values), nowMs);
      taken.push(...eager.take(take));
    }
    for (const track of [eager, late, alone.left, alone.right]) track.end();
    taken.push(...eager.take(Infinity));
    const all = [...late.take(Infinity)];
    assertEquals(taken, all);
    assertEquals([eager.frames, eager.waitingBytes, late.waitingBytes], [0, 0, 0]);
    for (const [offset, side] of (["left", "right"] as const).entries()) {
      const heard = all.filter((_, i) => i % 2 === offset);
      assertEquals(heard.filter((sample) => sample !== 0), said[side]);
      const its = withoutTrailingSilence(sides(alone[side])[side]);
      assertEquals(heard.slice(0, its.length), its, "the other side moves nothing");
    }
  }));
});

Deno.test("StereoTrack lags by no more than the jitter", () => {
  const track = new StereoTrack(START_MS);
  let out = 0;
  for (let ms = 0; ms < 5000; ms += 20) {
    feed(track, ms % 1000 < 500 ? "left" : "right", [ms]);
    out += sides(track).left.length;
    assertGreater(out + (JITTER_MS + 1) * PER_MS, ms * PER_MS);
    assertLess(out, (ms + 21) * PER_MS);
  }
});
