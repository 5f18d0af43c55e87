import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { Backpressure } from "../../session/backpressure.ts";
import { clipUtf8, encode, prepare, utf8Bytes } from "../../session/encode.ts";
import { Lateness, LoopClock } from "../../session/lateness.ts";
import { DEFAULT_LIMITS, RateLimit } from "../../session/limits.ts";
import { Tally } from "../../session/tally.ts";
import { FakeClock } from "../support/fake_clock.ts";

function takes(limit: RateLimit, nowMs: number): number {
  let taken = 0;
  while (limit.take(nowMs)) taken++;
  return taken;
}

Deno.test("RateLimit holds two seconds of tokens, and no more after a long silence", () => {
  const limit = new RateLimit(10, 0);
  assertEquals(takes(limit, 0), 20);
  assertEquals(takes(limit, 3_600_000), 20);
});

Deno.test("RateLimit refills at its rate", () => {
  const limit = new RateLimit(10, 0);
  takes(limit, 0);
  assertFalse(limit.take(99));
  assert(limit.take(100));
  assertFalse(limit.take(100));
  assertEquals(takes(limit, 600), 5);
});

Deno.test("RateLimit never limits a steady stream at its rate", () => {
  const limit = new RateLimit(50, 0);
  for (let nowMs = 0; nowMs < 100_000; nowMs += 20) assert(limit.take(nowMs), `${nowMs}`);
});

Deno.test("Backpressure is late when the buffer holds too much for too long, and not for either alone", () => {
  using clock = new FakeClock();
  const backpressure = new Backpressure(200, 16);
  const late = 200 * 16;
  assertFalse(backpressure.isLate(late * 10), "one large frame fills a buffer for a moment");
  clock.advance(200);
  assertFalse(backpressure.isLate(late + 1));
  clock.advance(1);
  assertFalse(backpressure.isLate(late), "what is in it is not late");
  assert(backpressure.isLate(late + 1));
});

Deno.test("Backpressure resets as soon as the buffer is empty", () => {
  using clock = new FakeClock();
  const backpressure = new Backpressure(200, 16);
  backpressure.isLate(1_000_000);
  clock.advance(1000);
  assert(backpressure.isLate(1_000_000));
  assertFalse(backpressure.isLate(0));
  assertFalse(backpressure.isLate(1_000_000));
});

/** A loop that has just been held up for so long. */
function held(stallMs: number): { stallMs(): number } {
  return { stallMs: () => stallMs };
}

Deno.test("Lateness: audio in time is not late, and neither is the first frame", () => {
  const lateness = new Lateness(16, 5000, held(1000));
  for (let nowMs = 5000; nowMs < 6000; nowMs += 20) {
    assertEquals(lateness.arrived(320, nowMs), 0);
  }
});

Deno.test("Lateness: a pause by the peer makes nothing late while the loop turns", () => {
  const lateness = new Lateness(16, 0, held(0));
  lateness.arrived(320, 0);
  assertEquals(lateness.arrived(320, 10_000), 0);
});

Deno.test("Lateness: our own stall makes audio late until it has caught up", () => {
  const lateness = new Lateness(16, 0, held(500));
  lateness.arrived(320, 0);
  const late = lateness.arrived(320, 520);
  assert(late > 480 && late <= 500, "less what a frame may be late by itself");
  assertEquals(lateness.arrived(320, 520), late - 20, "a burst catches up by 20 ms a frame");
  assertEquals(lateness.arrived(320, 530), late - 30);
  for (let frames = 0; frames < 100; frames++) lateness.arrived(320, 530);
  assertEquals(lateness.arrived(320, 530), 0, "never less than none");
});

Deno.test("Lateness: frames that arrive one by one have not been waiting", () => {
  const lateness = new Lateness(16, 0, held(500));
  lateness.arrived(320, 0);
  assert(lateness.arrived(320, 10_020) > 9_000);
  for (let nowMs = 10_040; nowMs < 10_200; nowMs += 20) lateness.arrived(320, nowMs);
  assertEquals(lateness.arrived(320, 10_200), 0);
});

Deno.test("Lateness: frames of other sizes and rates are in time while the loop turns", () => {
  for (const [bytes, everyMs] of [[160, 20], [2560, 160], [321, 20], [64, 20], [3200, 20]]) {
    const lateness = new Lateness(16, 0, held(0));
    for (let nowMs = 0; nowMs < 5000; nowMs += everyMs!) {
      assertEquals(lateness.arrived(bytes!, nowMs), 0);
    }
  }
});

Deno.test("LoopClock measures how long the loop was blocked, and runs only while it is used", () => {
  using clock = new FakeClock();
  const loop = new LoopClock();
  const stallMs = () => loop.stallMs(performance.now());
  loop.join();
  loop.join();
  clock.advance(1000);
  assertEquals(stallMs(), 0);
  clock.stall(300);
  assert(stallMs() > 200 && stallMs() <= 300, "while it is held up");
  clock.advance(100);
  assert(stallMs() > 200 && stallMs() <= 300, "and for a while after it, since others wait still");
  clock.advance(3000);
  assertEquals(stallMs(), 0);
  loop.leave();
  assertEquals(clock.running, 1, "one is left");
  loop.leave();
  assertEquals(clock.running, 0);
});

Deno.test("Tally reports the first of each name and counts the rest", () => {
  const tally = new Tally();
  assertEquals(tally.summary(), undefined);
  assert(tally.add("audio"));
  assertFalse(tally.add("audio"));
  assert(tally.add("__proto__"));
  assertEquals(Object.entries(tally.summary()!), [["audio", 2], ["__proto__", 1]]);
});

Deno.test("encode() serialises a prepared message once", () => {
  let serialised = 0;
  const message = {
    toJSON() {
      serialised++;
      return { type: "news" };
    },
  };
  assertStrictEquals(prepare(message), message);
  assertEquals([encode(message), encode(message)], ['{"type":"news"}', '{"type":"news"}']);
  assertEquals(serialised, 1);
  assertEquals(encode({ type: "pong", timestamp: null }), '{"type":"pong","timestamp":null}');
});

Deno.test("utf8Bytes() counts bytes, not characters", () => {
  assertEquals(["", "a", "é", "€", "😀"].map(utf8Bytes), [0, 1, 2, 3, 4]);
});

Deno.test("clipUtf8() clips at a character boundary and never changes what it keeps", () => {
  assertEquals(clipUtf8("short", 123), "short");
  assertEquals(clipUtf8("abcdef", 3), "abc");
  assertEquals(clipUtf8("aé€😀", 10), "aé€😀");
  assertEquals(clipUtf8("aé€😀", 9), "aé€");
  assertEquals(clipUtf8("aé€😀", 5), "aé");
  assertEquals(clipUtf8("aé€😀", 2), "a");
  assertEquals(clipUtf8("😀😀", 7), "😀");
  assertEquals(clipUtf8("😀", 3), "");
});

Deno.test("clipUtf8() returns a prefix of its text, whatever the content", () => {
  for (const text of ["\ufeffabcdef", "ab\ufeffcdef", "a\ud800bcdef", "abc\udc00def"]) {
    for (let bytes = 0; bytes < 16; bytes++) {
      const clipped = clipUtf8(text, bytes);
      assert(text.startsWith(clipped), JSON.stringify({ text, bytes, clipped }));
      assert(utf8Bytes(clipped) <= bytes);
    }
  }
});

Deno.test("DEFAULT_LIMITS suit a call: fifty audio frames a second pass, and silence is allowed", () => {
  assertEquals(DEFAULT_LIMITS.idleMs, 0);
  assert(DEFAULT_LIMITS.messagesPerSecond > 50);
  assert(DEFAULT_LIMITS.audioBytesPerSecond >= 2 * 64_000 * 4, "stereo of 64 kHz that catches up");
  assert(DEFAULT_LIMITS.lateAudioMs * 16 < DEFAULT_LIMITS.bufferedBytes);
});
