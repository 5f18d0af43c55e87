/** A call that was given up as lost, and comes back. */
import { assertEquals, assertRejects } from "@std/assert";
import { Calls } from "../../calls/calls.ts";
import { madeUpCdr } from "../../calls/cdr.ts";
import type { CallStore } from "../../calls/store.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";

/** Calls on a store whose writes the test can have fail. */
async function callsOnFullDisk() {
  const store = await openSqlite(MEMORY);
  const disk = { isFull: false };
  const failing = new Proxy(store.calls, {
    get(table, name: keyof CallStore) {
      if (name === "append" && disk.isFull) return () => Promise.reject(new Error("no room"));
      const member = table[name] as unknown;
      return typeof member === "function" ? member.bind(table) : member;
    },
  });
  const calls = new Calls({ store: failing, now: () => new Date(), failed() {} });
  return { calls, disk, [Symbol.asyncDispose]: () => store.close() };
}

Deno.test("Calls.reopen() leaves a call over while the disk accepts no writes, and reopens it later", async () => {
  await using shelf = await callsOnFullDisk();
  const { calls, disk } = shelf;
  const ends = { from: "+254712345678", to: "5000" };
  const call = await calls.begin({
    line: "jambonz",
    direction: "inbound",
    platformId: "sid-1",
    ...ends,
  });
  const { id } = call;
  const cdr = madeUpCdr(call, new Date());
  await calls.record(id, {
    type: "ended",
    actor: "line",
    data: { by: "lost", reason: "did not come back" },
  });
  await calls.record(id, { type: "cdr", actor: "us", data: { cdr } });
  assertEquals(calls.call(id), undefined, "it is over");
  disk.isFull = true;
  await assertRejects(() => calls.reopen("jambonz", "sid-1"), Error, "no room");
  assertEquals(calls.call(id), undefined, "it is over still");
  disk.isFull = false;
  assertEquals((await calls.reopen("jambonz", "sid-1"))?.state, "ringing");
});
