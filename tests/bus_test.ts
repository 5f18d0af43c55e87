import { assertEquals } from "@std/assert";
import { LocalBus } from "../bus/local.ts";

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
