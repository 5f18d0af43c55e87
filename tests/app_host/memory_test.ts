import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Memory } from "../../calls/app.ts";
import { AppMemory } from "../../app_host/app_memory.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import { inboundCall } from "../support/lines.ts";
import { anEvent } from "../support/worlds.ts";

function memory(record: Memory[] = []) {
  const written: Memory[] = [];
  const events = record.map((values, at) =>
    anEvent(at + 1, { type: "remembered", actor: "app", data: { memory: values } })
  );
  const remembered = new AppMemory(events, (values) => {
    written.push(values);
    return Promise.resolve();
  });
  return { remembered, written };
}

Deno.test("AppMemory reads the latest value of the record, and nothing if there is none", () => {
  assertEquals(memory().remembered.values, {});
  assertEquals(memory([{ step: 1 }, { step: 2, name: "Ann" }]).remembered.values, {
    step: 2,
    name: "Ann",
  });
});

Deno.test("AppMemory.add() adds values, removes undefined ones, and returns them at once", async () => {
  const { remembered, written } = memory([{ step: 1, name: "Ann" }]);
  const adding = remembered.add({ step: 2, name: undefined, list: [1, null] });
  assertEquals(remembered.values, { step: 2, list: [1, null] });
  await adding;
  assertEquals(written, [{ step: 2, list: [1, null] }]);
});

Deno.test("AppMemory.add() stores a copy", () => {
  const { remembered } = memory();
  const list = [1];
  remembered.add({ list });
  list.push(2);
  assertEquals(remembered.values, { list: [1] });
});

Deno.test("AppMemory.add() refuses non-objects, non-JSON and large values, and changes nothing", () => {
  const { remembered, written } = memory([{ step: 1 }]);
  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;
  for (const wrong of [null, [1], "text", 7, undefined]) {
    assertThrows(() => remembered.add(wrong as unknown as Memory), TypeError, "it takes an object");
  }
  for (const wrong of [circle, { big: 1n }]) {
    assertThrows(() => remembered.add(wrong), TypeError, "it is no JSON");
  }
  assertThrows(
    () => remembered.add({ text: "é".repeat(4096) }),
    RangeError,
    "Cannot remember 8212 bytes of JSON: the limit is 8192",
  );
  assertEquals([remembered.values, written], [{ step: 1 }, []]);
});

Deno.test("AppMemory.add() rejects when the write fails, without harm to an app that does not await", async () => {
  const remembered = new AppMemory([], () => Promise.reject(new Error("the disk is full")));
  remembered.add({ step: 1 });
  await assertRejects(() => remembered.add({ step: 2 }), Error, "the disk is full");
});

Deno.test("call.remember() stores the memory in the record, on an inbound line too", async () => {
  using app = new AppFile(`
    call.answer();
    await call.remember({ step: 1 });
    await call.remember({ name: "Ann" });
    call.note(JSON.stringify(call.memory));
    for await (const event of call);
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  const noted = await server.call("inbound", "in-1", ({ lastSeq }) => lastSeq >= 5);
  const record = (await server.record(noted)).flatMap(({ type, data }) =>
    type === "remembered" || type === "note" ? [data] : []
  );
  assertEquals(record, [
    { memory: { step: 1 } },
    { memory: { step: 1, name: "Ann" } },
    { text: '{"step":1,"name":"Ann"}' },
  ]);
  await line.close();
});

Deno.test("call.remember() writes nothing after the end of a call", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(globalThis, { remembered: resolve });
  using app = new AppFile(`
    call.answer();
    for await (const event of call);
    await call.remember({ late: true });
    globalThis.remembered();
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  line.send({ event: "hangup" });
  await within(promise, () => "the app does not come to its end");
  const over = await server.call("inbound", "in-1", ({ state }) => state === "ended");
  const types = (await server.record(over)).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "remembered"), []);
  Reflect.deleteProperty(globalThis, "remembered");
});
