/** The time of the simulators: frames of audio, and how long a server is heard after a key. */
import { assertEquals } from "@std/assert";
import { BargeIn } from "../../../simulators/audio/barge_in.ts";
import { FrameClock } from "../../../simulators/time/frame_clock.ts";
import { SimulatedTime } from "../../../simulators/time/simulated_time.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function running(scale = 1) {
  const frames: number[] = [];
  const clock = new FrameClock(new SimulatedTime(scale), (atMs) => frames.push(atMs));
  return { frames, clock };
}

Deno.test("FrameClock counts 20 ms without drift until it is stopped", () => {
  using time = new FakeClock();
  const { frames, clock } = running();
  clock.start();
  clock.start();
  time.advance(59);
  assertEquals(frames, [0, 20, 40]);
  clock.stop();
  time.advance(100);
  assertEquals([frames.length, time.running], [3, 0]);
  clock.start();
  time.advance(0);
  assertEquals(frames.slice(3), [159]);
});

Deno.test("FrameClock catches up by at most five frames, and skips older ones", () => {
  using time = new FakeClock();
  const { frames, clock } = running();
  clock.start();
  time.advance(0);
  time.stall(90);
  time.advance(0);
  assertEquals(frames, [0, 20, 40, 60, 80]);
  time.stall(1000);
  time.advance(20);
  assertEquals(frames.slice(5), [100, 120, 140, 160, 180, 1100]);
});

Deno.test("FrameClock runs as fast as simulated time, in bursts if timers are too slow", () => {
  using time = new FakeClock();
  const { frames, clock } = running(50);
  clock.start();
  time.advance(20);
  assertEquals(frames.length, 51);
  assertEquals(frames.slice(0, 3), [0, 20, 40]);
});

const LOUD = new Int16Array(160).fill(2000);
const QUIET = new Int16Array(160).fill(1);

Deno.test("BargeIn measures from a key to the end of the audio", () => {
  const bargeIn = new BargeIn();
  bargeIn.pressed(5);
  bargeIn.heard(LOUD, 10, 500);
  bargeIn.pressed(100);
  bargeIn.pressed(150);
  bargeIn.cut(260);
  assertEquals(bargeIn.lastedMs, [160, 110]);
});

Deno.test("BargeIn treats audio after a silence as new", () => {
  const bargeIn = new BargeIn();
  bargeIn.heard(LOUD, 0, 100);
  bargeIn.pressed(50);
  bargeIn.heard(LOUD, 250, 300);
  bargeIn.heard(QUIET, 300, 600);
  bargeIn.heard(LOUD, 800, 900);
  bargeIn.cut(1000);
  assertEquals(bargeIn.lastedMs, [250]);
});

Deno.test("BargeIn ignores a key that did not stop the server", () => {
  const echo = new BargeIn();
  echo.pressed(5);
  echo.heard(LOUD, 0, 5000);
  echo.pressed(100);
  echo.over(5000);
  assertEquals(echo.lastedMs, []);
  const prompt = new BargeIn();
  prompt.heard(LOUD, 0, 3000);
  for (const atMs of [1999, 2000]) prompt.pressed(atMs);
  prompt.over(4000);
  assertEquals(prompt.lastedMs, [1000]);
});

Deno.test("BargeIn ignores a key pressed in silence", () => {
  const bargeIn = new BargeIn();
  bargeIn.heard(QUIET, 0, 100);
  bargeIn.pressed(50);
  bargeIn.heard(LOUD, 100, 200);
  bargeIn.pressed(500);
  bargeIn.cut(600);
  assertEquals(bargeIn.lastedMs, []);
});
