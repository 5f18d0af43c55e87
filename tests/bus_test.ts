import { assertEquals } from "@std/assert";
import { LocalBus } from "../bus/local.ts";
import { Broadcaster } from "../session/broadcast.ts";

Deno.test("LocalBus tells every subscriber of a topic, in order, and nobody else", () => {
  const bus = new LocalBus<string>(() => {});
  const heard: string[] = [];
  bus.subscribe("a", (message) => heard.push(`1 ${message}`));
  bus.subscribe("a", (message) => heard.push(`2 ${message}`));
  bus.subscribe("b", (message) => heard.push(`3 ${message}`));
  bus.publish("a", "x");
  assertEquals(heard, ["1 x", "2 x"]);
});

Deno.test("LocalBus tells nobody who has left, even of a listener subscribed twice", () => {
  const bus = new LocalBus<string>(() => {});
  const heard: string[] = [];
  const listener = (message: string) => heard.push(message);
  const first = bus.subscribe("a", listener);
  bus.subscribe("a", listener);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  bus.publish("a", "x");
  assertEquals(heard, ["x"]);
});

Deno.test("LocalBus tells the others when a listener throws, and reports it", () => {
  const errors: unknown[] = [];
  const bus = new LocalBus<string>((error) => errors.push(error));
  const heard: string[] = [];
  const boom = new Error("boom");
  bus.subscribe("a", () => {
    throw boom;
  });
  bus.subscribe("a", (message) => heard.push(message));
  bus.publish("a", "x");
  assertEquals([heard, errors], [["x"], [boom]]);
});

Deno.test("LocalBus lets a listener leave while it is told", () => {
  const bus = new LocalBus<string>(() => {});
  const heard: string[] = [];
  const own = bus.subscribe("a", (message) => {
    heard.push(message);
    own[Symbol.dispose]();
  });
  bus.publish("a", "x");
  bus.publish("a", "y");
  assertEquals(heard, ["x"]);
});

Deno.test("Broadcaster gives the event loop back between its slices, and keeps the order", async () => {
  const heard: string[] = [];
  const slow = (name: string) => ({
    notify(notice: string) {
      heard.push(`${name} ${notice}`);
      // Longer than a slice may take, so that there are several.
      const end = performance.now() + 1;
      while (performance.now() < end);
      return true;
    },
  });
  const sessions = Array.from({ length: 40 }, (_, at) => slow(String(at)));
  const broadcaster = new Broadcaster<(typeof sessions)[number], string>();
  let turns = 0;
  const turning = setInterval(() => turns++, 0);
  broadcaster.tell(sessions, "first");
  broadcaster.tell(sessions, "second");
  await broadcaster.settled;
  clearInterval(turning);
  assertEquals(heard.length, 80);
  assertEquals(heard.findIndex((line) => line.endsWith("second")), 40);
  assertEquals(turns > 0, true);
});
