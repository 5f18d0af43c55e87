/** A call that was given up as lost, and comes back. */
import { assertEquals, assertRejects } from "@std/assert";
import { CallBook } from "../calls/book.ts";
import { madeUpCdr } from "../calls/cdr.ts";
import type { CallStore } from "../calls/store.ts";
import { MEMORY, openSqlite } from "../store/sqlite.ts";

/** A book on a store whose writes the test can have fail. */
async function books() {
  const store = await openSqlite(MEMORY);
  const disk = { isFull: false };
  const calls = new Proxy(store.calls, {
    get(table, name: keyof CallStore) {
      if (name === "append" && disk.isFull) return () => Promise.reject(new Error("no room"));
      const member = table[name] as unknown;
      return typeof member === "function" ? member.bind(table) : member;
    },
  });
  const book = new CallBook({ store: calls, now: () => new Date(), failed() {} });
  return { book, disk, [Symbol.asyncDispose]: () => store.close() };
}

Deno.test("CallBook.reopen() leaves a call over where the disk takes nothing, and opens it later", async () => {
  await using shelf = await books();
  const { book, disk } = shelf;
  const ends = { from: "+254712345678", to: "5000" };
  const call = await book.begin({
    line: "jambonz",
    direction: "inbound",
    platformId: "sid-1",
    ...ends,
  });
  const { id } = call;
  const cdr = madeUpCdr(call, new Date());
  await book.record(id, {
    type: "ended",
    actor: "line",
    data: { by: "lost", reason: "did not come back" },
  });
  await book.record(id, { type: "cdr", actor: "us", data: { cdr } });
  assertEquals(book.call(id), undefined, "it is over");
  disk.isFull = true;
  await assertRejects(() => book.reopen("jambonz", "sid-1"), Error, "no room");
  assertEquals(book.call(id), undefined, "it is over still");
  disk.isFull = false;
  assertEquals((await book.reopen("jambonz", "sid-1"))?.state, "ringing");
});
