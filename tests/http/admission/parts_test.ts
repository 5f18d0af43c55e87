/** The parts of admission: addresses, places, paces, guesses, memory, counts. */
import { assertEquals } from "@std/assert";
import { countSessions } from "../../../http/admission/count_sessions.ts";
import { MemoryBudget } from "../../../http/admission/memory_budget.ts";
import { Pace } from "../../../http/admission/pace.ts";
import { Places, TakenPlaces } from "../../../http/admission/places.ts";
import { Refusals } from "../../../http/admission/refusals.ts";
import { WrongKeys } from "../../../http/admission/wrong_keys.ts";
import type { SessionFact } from "../../../session/observe.ts";

const MIB = 1024 ** 2;

Deno.test("Places are full for one name and free for another, until one is released, once", () => {
  const places = new Places(2);
  const take = () => new TakenPlaces([[places, "a"], [places, undefined]]);
  const [first] = [take(), take()];
  assertEquals([places.isFull("a"), places.isFull("b"), places.taken("a")], [true, false, 2]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals([places.isFull("a"), places.taken("a")], [false, 1]);
});

Deno.test("Pace limits each name separately, with a burst of two seconds' worth", () => {
  const pace = new Pace(2);
  const taken = (name: string, nowMs: number) =>
    Array.from({ length: 6 }, () => pace.take(name, nowMs)).filter((may) => may).length;
  assertEquals([taken("a", 0), taken("b", 0), taken("a", 1000)], [4, 4, 2]);
});

Deno.test("Pace remembers a bounded number of names", () => {
  const pace = new Pace(1);
  pace.take("first", 0);
  pace.take("first", 0);
  assertEquals(pace.take("first", 0), false);
  for (let name = 0; name < 10_000; name++) pace.take(`${name}`, 0);
  // Forgotten, and so no worse off than anybody new.
  assertEquals(pace.take("first", 0), true);
});

Deno.test("WrongKeys blocks an address for the rest of its minute, and reports it once", () => {
  const wrong = new WrongKeys(3);
  const told = [0, 1000, 2000, 3000, 4000].map((nowMs) => wrong.add("a", nowMs));
  assertEquals(told, [false, false, false, true, false]);
  assertEquals([wrong.waitMs("a", 10_000), wrong.waitMs("b", 10_000)], [50_000, 0]);
  assertEquals(wrong.waitMs("a", 60_000), 0);
  assertEquals(wrong.add("a", 60_000), false, "a new minute");
});

Deno.test("MemoryBudget refuses watchers at three quarters, and calls when exhausted", () => {
  let bytes = 0;
  const budget = new MemoryBudget(100 * MIB, () => bytes);
  const room = (mib: number, nowMs: number) => {
    bytes = mib * MIB;
    return [budget.hasRoomFor("watcher", nowMs), budget.hasRoomFor("call", nowMs)];
  };
  assertEquals(room(74, 0), [true, true]);
  assertEquals(room(75, 1000), [false, true]);
  assertEquals(room(100, 2000), [false, false]);
  assertEquals(room(10, 2100), [false, false], "it is read twice a second at most");
  assertEquals(room(10, 2500), [true, true]);
});

Deno.test("MemoryBudget reads the memory of this process", () => {
  assertEquals(new MemoryBudget(1).hasRoomFor("call", 0), false);
  assertEquals(new MemoryBudget(1024 ** 4).hasRoomFor("watcher", 0), true);
});

Deno.test("countSessions() counts what limits dropped and closed, by reason", () => {
  const refusals = new Refusals();
  const observe = countSessions(refusals);
  const facts: SessionFact[] = [
    { kind: "dropped", what: "audio", why: "flood" },
    { kind: "dropped", what: "audio", why: "flood" },
    { kind: "closed", code: 1008, reason: "too much audio" },
    { kind: "closed", code: 1001, reason: "idle" },
    { kind: "closed", code: 1001, reason: "the server is stopping" },
    { kind: "closed", code: 1000, reason: "" },
  ];
  for (const fact of facts) observe({ id: "s1", door: "inbound call" }, fact);
  assertEquals(refusals.counts, { "audio flood": 2, "closed 1008": 1, "closed 1001": 1 });
});
