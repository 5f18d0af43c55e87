import { assertEquals } from "@std/assert";
import { IdleSweep, idleSweep } from "../../session/idle.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("IdleSweep sweeps all its sessions with one interval, which runs only while there are any", () => {
  using clock = new FakeClock();
  const sweep = new IdleSweep(1000);
  const swept: string[] = [];
  const session = (name: string) => ({ sweepIdle: () => void swept.push(name) });
  const [first, second] = [session("first"), session("second")];
  sweep.add(first);
  clock.advance(500);
  sweep.add(second);
  assertEquals(clock.running, 1);
  clock.advance(500);
  assertEquals(swept, ["first", "second"]);
  sweep.delete(first);
  sweep.delete(first);
  clock.advance(1000);
  assertEquals(swept, ["first", "second", "second"]);
  sweep.delete(second);
  assertEquals(clock.running, 0);
});

Deno.test("IdleSweep lets a session end itself, or others, during a sweep", () => {
  using clock = new FakeClock();
  const sweep = new IdleSweep(1000);
  const ending = { sweepIdle: () => sweep.delete(ending) };
  for (const session of [ending, { sweepIdle() {} }]) sweep.add(session);
  clock.advance(2000);
  assertEquals(clock.running, 1);
});

Deno.test("idleSweep() gives sessions with the same limit the same sweep", () => {
  assertEquals(idleSweep(5) === idleSweep(5), true);
  assertEquals(idleSweep(5) === idleSweep(6), false);
});
