import { assertEquals } from "@std/assert";
import { createLog } from "../../log.ts";
import { Outage } from "../../server/outage.ts";
import { logStore } from "../../server/outage_log.ts";
import type { Store } from "../../store/store.ts";
import { FakeClock } from "../support/fake_clock.ts";

function told(steadyMs?: number) {
  const lines: unknown[] = [];
  const outage = new Outage({
    began: (error) => lines.push(["began", error]),
    over: (lastedMs) => lines.push(["over", lastedMs]),
  }, steadyMs);
  return { outage, lines };
}

Deno.test("Outage logs one line when it begins and one when it ends", () => {
  using time = new FakeClock();
  const { outage, lines } = told();
  outage.worked();
  for (const error of ["first", "second", "third"]) {
    outage.failed(error);
    time.advance(1000);
  }
  assertEquals([lines, outage.isOn], [[["began", "first"]], true]);
  outage.worked();
  outage.worked();
  assertEquals([lines, outage.isOn], [[["began", "first"], ["over", 3000]], false]);
  outage.failed("again");
  assertEquals(lines.at(-1), ["began", "again"]);
});

Deno.test("Outage does not end while writes succeed only now and then", () => {
  using time = new FakeClock();
  const { outage, lines } = told(2000);
  outage.failed("full");
  for (let times = 0; times < 5; times++) {
    time.advance(1000);
    outage.worked();
    time.advance(1999);
    outage.failed("full");
  }
  assertEquals(lines, [["began", "full"]]);
  outage.worked();
  time.advance(1000);
  outage.worked();
  time.advance(999);
  assertEquals([lines.length, outage.isOn], [1, true]);
  time.advance(1);
  assertEquals(lines, [["began", "full"], ["over", 5 * 2999]]);
  assertEquals([outage.isOn, time.running], [false, 0]);
});

Deno.test("Outage leaves no timer behind when it is stopped", () => {
  using time = new FakeClock();
  const { outage, lines } = told(2000);
  outage.failed("full");
  outage.worked();
  outage.stop();
  assertEquals(time.running, 0);
  time.advance(5000);
  assertEquals(lines, [["began", "full"]]);
});

Deno.test("logStore() logs one outage of a disk that is full again after a second with room", () => {
  using time = new FakeClock();
  const lines: string[] = [];
  const log = createLog({
    level: "warn",
    format: "json",
    write: (line) => void lines.push(JSON.parse(line).msg),
  });
  const store: Pick<Store, "onOutcome"> = { onOutcome: undefined };
  using _logged = logStore(log, store as Store);
  for (let times = 0; times < 5; times++) {
    store.onOutcome!("full");
    time.advance(1000);
    store.onOutcome!(undefined);
    time.advance(1000);
  }
  assertEquals(lines, ["the store accepts no writes"]);
  time.advance(1000);
  assertEquals(lines, ["the store accepts no writes", "the store accepts writes again"]);
});
