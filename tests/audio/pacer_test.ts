/** Pacing without drift, with marks and interruptions. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Pacer } from "../../audio/pacer.ts";
import { random } from "../data/audio/signals.ts";

const FRAME = 320;

/** PCM of this many distinguishable bytes. */
function pcm(bytes: number, first = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, i) => (first + i) % 251);
}

function joined(frames: readonly Uint8Array[]): number[] {
  return frames.flatMap((frame) => [...frame]);
}

Deno.test("pacer sends the first frame at once and one every 20 ms", () => {
  const pacer = new Pacer();
  pacer.give(pcm(3 * FRAME), 1000);
  pacer.mark("end");
  const sent: number[] = [];
  const heard: number[] = [];
  let nowMs: number | undefined = 1000;
  while (nowMs !== undefined) {
    const { frames, marks, nextMs } = pacer.due(nowMs);
    for (const _ of frames) sent.push(nowMs);
    for (const _ of marks) heard.push(nowMs);
    nowMs = nextMs;
  }
  assertEquals([sent, heard], [[1000, 1020, 1040], [1060]]);
});

Deno.test("pacer returns nothing before the next frame is due", () => {
  const pacer = new Pacer();
  pacer.give(pcm(2 * FRAME), 0);
  pacer.due(0);
  assertEquals(pacer.due(19.9), { frames: [], marks: [], nextMs: 20 });
  assertEquals(pacer.due(20).frames.length, 1);
});

Deno.test("pacer does not drift when every wake-up is late", () => {
  const pacer = new Pacer();
  const frames = 3000;
  pacer.give(pcm(frames * FRAME), 0.25);
  const next = random(7);
  let nowMs = 0.25;
  let sent = 0;
  while (sent < frames) {
    const due = pacer.due(nowMs);
    sent += due.frames.length;
    if (sent === frames) break;
    assertEquals(due.nextMs, 0.25 + sent * 20);
    nowMs = due.nextMs! + next() * 15;
  }
});

Deno.test("pacer outputs exactly its input bytes, whatever the pieces", () => {
  const whole = pcm(10 * FRAME);
  for (let seed = 1; seed <= 30; seed++) {
    const next = random(seed);
    const pacer = new Pacer();
    for (let at = 0; at < whole.length;) {
      const size = 1 + Math.floor(next() * (seed * 40));
      pacer.give(whole.slice(at, at + size), 0);
      at += size;
    }
    const frames: Uint8Array[] = [];
    for (let nowMs = 0; nowMs <= 400; nowMs += 20) frames.push(...pacer.due(nowMs).frames);
    assertEquals(frames.length, 10);
    assertEquals(joined(frames), [...whole]);
  }
});

Deno.test("pacer slices frames out of one piece without a copy", () => {
  const pacer = new Pacer();
  const piece = pcm(2 * FRAME);
  pacer.give(piece, 0);
  const [frame] = pacer.due(0).frames;
  assertStrictEquals(frame?.buffer, piece.buffer);
});

Deno.test("pacer catches up after a late wake-up, and then keeps its schedule", () => {
  const pacer = new Pacer({ maxBurst: 5 });
  pacer.give(pcm(20 * FRAME), 0);
  pacer.due(0);
  const late = pacer.due(75);
  assertEquals(late.frames.length, 3);
  assertEquals(late.nextMs, 80);
});

Deno.test("pacer never bursts more than allowed, and shifts the rest", () => {
  const pacer = new Pacer({ maxBurst: 5 });
  pacer.give(pcm(100 * FRAME), 0);
  pacer.due(0);
  const late = pacer.due(1009);
  assertEquals(late.frames.length, 5);
  assertEquals(late.nextMs, 1020);
  assertEquals(pacer.due(1020).frames.length, 1);
});

Deno.test("pacer restarts its schedule when audio arrives after silence", () => {
  const pacer = new Pacer();
  pacer.give(pcm(FRAME), 0);
  assertEquals(pacer.due(0).frames.length, 1);
  pacer.give(pcm(3 * FRAME), 5003);
  const due = pacer.due(5003);
  assertEquals(due.frames.length, 1);
  assertEquals(due.nextMs, 5023);
});

Deno.test("pacer leaves no gap when audio arrives while the last is still playing", () => {
  const pacer = new Pacer();
  pacer.give(pcm(FRAME), 0);
  pacer.due(0);
  pacer.give(pcm(FRAME), 15);
  pacer.mark("end");
  assertEquals(pacer.due(15), { frames: [], marks: [], nextMs: 20 });
  assertEquals(pacer.due(20).frames.length, 1);
  assertEquals(pacer.due(40), { frames: [], marks: ["end"], nextMs: undefined });
});

Deno.test("pacer pads a short last piece with silence when nothing follows", () => {
  const pacer = new Pacer();
  pacer.give(pcm(101, 1), 0);
  assertEquals(pacer.due(0), { frames: [], marks: [], nextMs: 20 });
  const [frame] = pacer.due(20).frames;
  assertEquals([...frame!], [...pcm(100, 1), ...new Array(FRAME - 100).fill(0)]);
  assertEquals(pacer.queuedMs, 0);
});

Deno.test("pacer waits for the rest of a frame that arrives in halves", () => {
  const pacer = new Pacer();
  const sent: Uint8Array[] = [];
  for (let n = 0; n < 20; n++) {
    const nowMs = n * 10;
    pacer.give(pcm(160, n * 160), nowMs);
    sent.push(...pacer.due(nowMs).frames);
  }
  assertEquals(joined(sent), [...pcm(10 * FRAME)]);
});

Deno.test("pacer returns a mark when the audio before it has been heard", () => {
  const pacer = new Pacer();
  pacer.mark("at once");
  pacer.give(pcm(FRAME + 160), 0);
  pacer.mark("middle");
  pacer.give(pcm(160), 0);
  pacer.mark("end");
  const first = pacer.due(0);
  assertEquals([first.marks, first.nextMs], [["at once"], 20]);
  assertEquals(pacer.due(20).nextMs, 30);
  assertEquals(pacer.due(29.9).marks, []);
  assertEquals(pacer.due(30).marks, ["middle"]);
  assertEquals(pacer.due(39.9).marks, []);
  assertEquals(pacer.due(40), { frames: [], marks: ["end"], nextMs: undefined });
});

Deno.test("pacer delays marks with audio that went out late", () => {
  const pacer = new Pacer();
  pacer.give(pcm(2 * FRAME), 0);
  pacer.mark("end");
  pacer.due(0);
  assertEquals(pacer.due(33).nextMs, 53);
  assertEquals(pacer.due(52.9).marks, []);
  assertEquals(pacer.due(53).marks, ["end"]);
});

Deno.test("pacer drops everything when interrupted, with its marks", () => {
  const pacer = new Pacer();
  pacer.give(pcm(FRAME), 0);
  pacer.mark("heard");
  pacer.give(pcm(FRAME), 0);
  pacer.mark("on its way");
  pacer.give(pcm(3 * FRAME), 0);
  pacer.mark("never");
  pacer.due(0);
  assertEquals(pacer.due(20).marks, ["heard"]);
  pacer.clear(25);
  assertEquals(pacer.queuedMs, 0);
  assertEquals(pacer.due(100), { frames: [], marks: [], nextMs: undefined });
});

Deno.test("pacer plays at once after an interruption", () => {
  const pacer = new Pacer();
  pacer.give(pcm(10 * FRAME), 0);
  pacer.due(0);
  pacer.clear(7);
  pacer.give(pcm(2 * FRAME, 5), 7);
  const due = pacer.due(7);
  assertEquals(joined(due.frames), [...pcm(FRAME, 5)]);
  assertEquals(due.nextMs, 27);
});

Deno.test("pacer supports other rates and frame lengths, and refuses impossible ones", () => {
  const pacer = new Pacer({ sampleRate: 24_000, frameMs: 60, maxBurst: 1 });
  pacer.give(pcm(2880 * 2), 0);
  assertEquals(pacer.due(0).frames.map(({ length }) => length), [2880]);
  assertThrows(() => new Pacer({ frameMs: 0.3 }), RangeError);
  assertThrows(() => new Pacer({ maxBurst: 0 }), RangeError);
});

Deno.test("pacer keeps up with thousands of small pieces", () => {
  const pacer = new Pacer();
  for (let n = 0; n < 20_000; n++) pacer.give(pcm(16, n), 0);
  let bytes = 0;
  for (let nowMs = 0; pacer.queuedMs > 0; nowMs += 20) {
    for (const frame of pacer.due(nowMs).frames) bytes += frame.length;
  }
  assertEquals(bytes, 320_000);
});
