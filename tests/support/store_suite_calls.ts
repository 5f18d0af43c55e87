/**
 * The requirements for every store: the record of a call.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Persisted } from "../../calls/store.ts";
import {
  CDR,
  ended,
  later,
  note,
  ODD_TEXT,
  type OpenStore,
  sampleCall,
  START,
  STARTED,
} from "./store_samples.ts";

/** Declares the tests. */
export function callSuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (opened: Awaited<ReturnType<OpenStore>>) => Promise<void>) =>
    Deno.test(`callStore${what} (${name})`, async () => {
      await using opened = await open();
      await run(opened);
    });

  test(".begin() stores a call with its first event", async ({ store: { calls } }) => {
    const call = sampleCall("a");
    const kept = await calls.begin(call, STARTED, START);
    assertEquals(kept.event, { ...STARTED, seq: 1, at: START });
    assertEquals(kept.repeated, false);
    assertEquals(await calls.call("a"), { ...call, lastSeq: 1 });
    assertEquals(await calls.events("a", 0, 10), [kept.event]);
  });

  test(" returns what it was given, for any text", async ({ store: { calls } }) => {
    const call = sampleCall("a", { platformId: ODD_TEXT, from: ODD_TEXT, parentCallId: "b" });
    await calls.begin(call, STARTED, START);
    const data = { text: ODD_TEXT, number: 0.1, nothing: null, list: [{ deep: [] }] };
    const { event } = await calls.append("a", { type: "note", actor: "us", data }, later(1));
    assertEquals(await calls.call("a"), { ...call, lastSeq: 2 });
    assertEquals(event.data, data);
    assertEquals((await calls.events("a", 1, 1))[0], event);
  });

  test(".begin() refuses a call that exists already", async ({ store: { calls } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    await assertRejects(() => calls.begin(sampleCall("a"), STARTED, START));
    const twin = sampleCall("b", { liveConversationToken: "token a" });
    await assertRejects(() => calls.begin(twin, STARTED, START));
    assertEquals(await calls.call("b"), undefined);
    assertEquals(await calls.events("b", 0, 10), []);
    assertEquals((await calls.events("a", 0, 10)).length, 1);
  });

  test(".append() refuses an unknown call", async ({ store: { calls } }) => {
    await assertRejects(() => calls.append("nobody", note("x"), START), Error, "nobody");
    assertEquals(await calls.events("nobody", 0, 10), []);
  });

  test(".append() moves the call as its events require", async ({ store: { calls } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    await calls.append("a", { type: "answered", actor: "us", data: {} }, later(1));
    assertEquals((await calls.call("a"))?.answeredAt, later(1));
    await calls.append("a", ended(), later(2));
    await calls.append("a", { type: "cdr", actor: "line", data: { cdr: CDR } }, later(3));
    assertEquals(await calls.call("a"), {
      ...sampleCall("a"),
      state: "ended",
      answeredAt: later(1),
      endedAt: later(2),
      endedBy: "caller",
      cdr: CDR,
      lastSeq: 4,
    });
  });

  test(".append() keeps a call open while it is recorded", async ({ store: { calls } }) => {
    const open = async () => (await calls.open()).map(({ recording }) => recording);
    await calls.begin(sampleCall("a"), STARTED, START);
    assertEquals(await open(), [undefined]);
    await calls.append("a", { type: "recording_started", actor: "app", data: {} }, later(1));
    await calls.append("a", ended(), later(2));
    await calls.append("a", { type: "cdr", actor: "line", data: { cdr: CDR } }, later(3));
    assertEquals(await open(), ["on"]);
    const data = { durationMs: 0, bytes: 44, reason: "the call ended" };
    await calls.append("a", { type: "recording_ended", actor: "us", data }, later(4));
    assertEquals([await open(), (await calls.call("a"))?.recording], [[], "over"]);
  });

  test(".append() continues after the end of a call", async ({ store: { calls } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    await calls.append("a", ended(), later(1));
    await calls.append("a", { type: "cdr", actor: "line", data: { cdr: CDR } }, later(2));
    assertEquals((await calls.append("a", note("late"), later(3))).event.seq, 4);
    assertEquals((await calls.call("a"))?.lastSeq, 4);
  });

  test(".append() numbers without gaps for many simultaneous writes", async ({ store: { calls } }) => {
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) await calls.begin(sampleCall(id), STARTED, START);
    const writes: { id: string; kept: Promise<Persisted> }[] = [];
    for (let count = 0; count < 500; count++) {
      const id = ids[count % ids.length]!;
      writes.push({ id, kept: calls.append(id, note(`${count}`), later(count)) });
      // Some arrive while others are being written.
      if (count % 7 === 0) await Promise.resolve();
      if (count % 50 === 0) await writes.at(-1)!.kept;
    }
    await Promise.all(writes.map(({ kept }) => kept));
    for (const id of ids) {
      const events = await calls.events(id, 0, 1000);
      assertEquals(events.map(({ seq }) => seq), Array.from({ length: 126 }, (_, at) => at + 1));
      const own = writes.filter((write) => write.id === id);
      const kept = await Promise.all(own.map(({ kept }) => kept));
      assertEquals(events.slice(1), kept.map(({ event }) => event), "in the order of the calls");
    }
  });

  test(".append() numbers without gaps when a write fails in between", async ({ store }) => {
    const { calls } = store;
    await calls.begin(sampleCall("a"), STARTED, START);
    const attempts = Array.from({ length: 60 }, (_, count) => {
      if (count % 3 === 0) return calls.append("nobody", note("lost"), START);
      if (count % 3 === 1) return calls.begin(sampleCall("a"), STARTED, START);
      return calls.append("a", note(`${count}`), START);
    });
    const outcomes = await Promise.allSettled(attempts);
    const kept = outcomes.flatMap((outcome, count) => {
      assertEquals(outcome.status, count % 3 === 2 ? "fulfilled" : "rejected", `${count}`);
      return outcome.status === "fulfilled" ? [outcome.value.event] : [];
    });
    assertEquals(kept.map(({ seq }) => seq), Array.from({ length: 20 }, (_, at) => at + 2));
    assertEquals(await calls.events("a", 1, 100), kept);
    const all = await store.events.after(0, {}, 100);
    assertEquals(all.length, 21, "a write that fails leaves nothing");
  });

  test(" resolves its writes in the order of the calls", async ({ store: { calls } }) => {
    const order: number[] = [];
    const writes = Array.from({ length: 100 }, (_, count) => {
      const write = count % 10 === 0
        ? calls.begin(sampleCall(`${count}`), STARTED, START)
        : calls.append(`${count - count % 10}`, note(`${count}`), START);
      return write.then(({ id }) => (order.push(count), id));
    });
    const ids = await Promise.all(writes);
    assertEquals(order, order.toSorted((a, b) => a - b));
    assertEquals(ids, ids.toSorted((a, b) => a - b), "ids grow in the same order");
    assertEquals(new Set(ids).size, 100);
  });

  test(" can be read as soon as a write has resolved", async ({ store: { calls, events } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    await Promise.all(Array.from({ length: 50 }, async (_, count) => {
      const { id, event } = await calls.append("a", note(`${count}`), START);
      assertEquals((await calls.events("a", event.seq - 1, 1))[0], event);
      assertEquals((await calls.call("a"))!.lastSeq >= event.seq, true);
      assertEquals((await events.after(id - 1, {}, 1))[0]?.callSeq, event.seq);
    }));
  });

  test(".append() writes an operation once", async ({ store: { calls } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    const first = await calls.append("a", note("one"), later(1), "operation");
    const again = await calls.append("a", note("two"), later(2), "operation");
    assertEquals(again, { ...first, repeated: true });
    assertEquals((await calls.append("a", note("three"), later(3))).event.seq, 3);
    const both = ["x", "y"].map((text) => calls.append("a", note(text), later(4), "at once"));
    assertEquals((await Promise.all(both)).map(({ repeated }) => repeated), [false, true]);
    assertEquals((await calls.call("a"))?.lastSeq, 4);
  });

  test(".events() pages", async ({ store: { calls } }) => {
    await calls.begin(sampleCall("a"), STARTED, START);
    for (const text of ["2", "3", "4", "5"]) await calls.append("a", note(text), START);
    const page = async (after: number, limit: number) =>
      (await calls.events("a", after, limit)).map(({ seq }) => seq);
    assertEquals(await page(0, 2), [1, 2]);
    assertEquals(await page(2, 2), [3, 4]);
    assertEquals(await page(4, 2), [5]);
    assertEquals(await page(5, 2), []);
    assertEquals(await page(0, Number.MAX_SAFE_INTEGER), [1, 2, 3, 4, 5]);
  });
}
