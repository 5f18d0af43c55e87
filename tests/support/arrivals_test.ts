import { assertEquals, assertRejects } from "@std/assert";
import { Arrivals, eachWithin, found, within } from "./arrivals.ts";
import { FakeClock } from "./fake_clock.ts";

const never = new Promise<never>(() => {});

Deno.test("within() reports what it waited for when the time is up, even with a fake clock", async () => {
  using _clock = new FakeClock();
  await assertRejects(
    () => within(never, () => "the third of 2", 1),
    Error,
    "Nothing came within 1 ms: the third of 2",
  );
});

Deno.test("within() returns the value, and leaves no timer behind", async () => {
  assertEquals(await within(Promise.resolve(7), () => "", 60_000), 7);
  await assertRejects(() => within(Promise.reject(new Error("no")), () => "", 60_000), Error, "no");
});

Deno.test("found() polls until a value is there, and stops when it is too late", async () => {
  let looks = 0;
  assertEquals(await found(() => Promise.resolve(++looks === 3 ? looks : undefined), () => ""), 3);
  const { promise: held, resolve } = Promise.withResolvers<undefined>();
  const look = () => {
    looks++;
    return held;
  };
  await assertRejects(() => found(look, () => `nothing in ${looks} looks`, 1), Error, "in 4 looks");
  resolve(undefined);
  await within(held, () => "it has been resolved");
  assertEquals(looks, 4);
});

Deno.test("eachWithin() returns each item, and fails for one that does not arrive", async () => {
  async function* items() {
    yield 1;
    yield 2;
    await never;
  }
  const came: number[] = [];
  const read = async () => {
    for await (const item of eachWithin(items(), () => `3 behind ${came}`, 1)) came.push(item);
  };
  await assertRejects(read, Error, "3 behind 1,2");
});

Deno.test("Arrivals reports what it waited for and what arrived, and keeps nothing for a reader that left", async () => {
  const arrivals = new Arrivals<number>(1);
  arrivals.push(1);
  const error = await assertRejects(() => arrivals.next((item) => item > 1, "more"), Error);
  assertEquals(
    error.message,
    "Nothing came within 1 ms: waited for more; of 1 received the last are [ 1 ]",
  );
  arrivals.push(2);
  assertEquals(await arrivals.next(), 2);
});
