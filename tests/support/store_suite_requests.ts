/**
 * The requirements for every store: requests, and reports of its health.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Logged } from "../../events/event_log.ts";
import {
  later,
  note,
  ODD_TEXT,
  type OpenStore,
  sampleCall,
  START,
  STARTED,
} from "./store_samples.ts";

/** Declares the tests. */
export function requestSuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (opened: Awaited<ReturnType<OpenStore>>) => Promise<void>) =>
    Deno.test(`${what} (${name})`, async () => {
      await using opened = await open();
      await run(opened);
    });

  const ANSWER = { status: 201, headers: { location: "/x" }, body: ODD_TEXT };

  test("requestStore.open() gives a key to the first request", async ({ store }) => {
    const { requests } = store;
    const [first, second] = await Promise.all([
      requests.open("key", "print 1", "operation 1", START),
      requests.open("key", "print 2", "operation 2", later(1)),
    ]);
    assertEquals(first, { fingerprint: "print 1", operation: "operation 1", answer: null });
    assertEquals(second, first);
    const other = await requests.open("other", "print 1", "operation 3", START);
    assertEquals(other.operation, "operation 3");
  });

  test("requestStore.answer() keeps the first answer", async ({ store: { requests } }) => {
    await requests.open("key", "print", "operation", START);
    await requests.answer("key", ANSWER);
    await requests.answer("key", { ...ANSWER, status: 500 });
    await requests.answer("nobody's", ANSWER);
    const again = await requests.open("key", "print", "operation 2", START);
    assertEquals(again, { fingerprint: "print", operation: "operation", answer: ANSWER });
    assertEquals((await requests.open("nobody's", "p", "o", START)).answer, null);
  });

  test("requestStore.forget() forgets older requests", async ({ store: { requests } }) => {
    await requests.open("old", "print", "operation", START);
    await requests.open("new", "print", "operation", later(1));
    assertEquals(await requests.forget(later(1), 9), 1);
    const read = async (key: string) => (await requests.open(key, "p", "again", START)).operation;
    assertEquals([await read("old"), await read("new")], ["again", "operation"]);
  });

  test("requestStore.forget() forgets a limited number at once, the oldest first", async ({ store }) => {
    const { requests } = store;
    const keys = Array.from({ length: 25 }, (_, at) => at);
    for (const at of keys.toReversed()) await requests.open(`${at}`, "p", "first", later(at));
    assertEquals(await requests.forget(later(20), 15), 15);
    const known = async () => {
      const operations = keys.map((at) => requests.open(`${at}`, "p", "again", later(100)));
      return (await Promise.all(operations)).map(({ operation }) => operation === "first");
    };
    assertEquals(await known(), keys.map((at) => at >= 15));
  });

  test("requestStore.open() renews the time of a request that is retried", async ({ store }) => {
    const { requests } = store;
    for (const key of ["again", "another", "answered"]) {
      await requests.open(key, "print", key, START);
    }
    await requests.answer("answered", ANSWER);
    await requests.open("again", "print", "x", later(10));
    await requests.open("another", "of another request", "x", later(10));
    await requests.open("answered", "print", "x", later(10));
    assertEquals(await requests.forget(later(10), 9), 2);
    const { operation } = await requests.open("again", "print", "x", later(11));
    assertEquals(operation, "again");
  });

  test("requestStore.open() never makes a request older, even if the clock goes back", async ({ store }) => {
    const { requests } = store;
    await requests.open("again", "print", "x", later(10));
    await requests.open("again", "print", "x", START);
    assertEquals(await requests.forget(later(10), 9), 0);
  });

  test("requestStore.forget() starts with the oldest", async ({ store }) => {
    const { requests } = store;
    for (const [key, minutes] of [["a", 2], ["b", 0], ["c", 1]] as const) {
      await requests.open(key, "print", key, later(minutes));
    }
    assertEquals(await requests.forget(later(10), 1), 1);
    const { operation } = await requests.open("b", "print", "made anew", later(10));
    assertEquals(operation, "made anew");
    assertEquals((await requests.open("a", "print", "x", later(10))).operation, "a");
  });

  test("store.onOutcome is called for each batch", async ({ store }) => {
    const outcomes: unknown[] = [];
    store.onOutcome = (fault) => outcomes.push(fault);
    await store.probe();
    await store.probe();
    assertEquals(outcomes, [undefined, undefined]);
  });

  test("store.probe() finds a healthy store", async ({ store }) => {
    assertEquals(store.fault, undefined);
    await store.probe();
    assertEquals(store.fault, undefined);
  });

  test("store.onPersisted is called when its writes can be read", async ({ store }) => {
    const seen: number[] = [];
    store.onPersisted = () => void store.events.lastId().then((id) => seen.push(id));
    await store.calls.begin(sampleCall("a"), STARTED, START);
    const writes = Array.from(
      { length: 100 },
      (_, at) => store.calls.append("a", note(`${at}`), START),
    );
    const last = (await Promise.all(writes)).at(-1)!.id;
    // It is called after the promises are resolved.
    while (seen.at(-1) !== last) await store.probe();
    assert(seen.length < 102, "once for each batch");
  });

  test("store.onPersisted receives the call events of a batch", async ({ store }) => {
    const heard: (Logged | undefined)[] = [];
    store.onPersisted = (logged) => heard.push(logged);
    await Promise.all([
      store.calls.begin(sampleCall("a"), STARTED, START),
      store.calls.append("a", note("first"), START),
    ]);
    await store.calls.append("a", note("second"), START, "operation");
    await store.calls.append("a", note("repeated"), START, "operation");
    await store.probe();
    await store.probe();
    assertEquals(heard.filter((logged) => logged !== undefined), [
      { firstId: 1, lastId: 2, types: new Set(["started", "note"]) },
      { firstId: 3, lastId: 3, types: new Set(["note"]) },
    ]);
  });

  test("store.close() commits queued writes", async ({ store }) => {
    await store.calls.begin(sampleCall("a"), STARTED, START);
    const writes = Array.from(
      { length: 50 },
      (_, at) => store.calls.append("a", note(`${at}`), START),
    );
    await store.close();
    assertEquals((await Promise.all(writes)).at(-1)?.event.seq, 51);
  });

  test("store refuses writes once it is closed", async ({ store }) => {
    await store.calls.begin(sampleCall("a"), STARTED, START);
    const closing = store.close();
    const late = () => store.calls.append("a", note("late"), START);
    const during = await Promise.allSettled([late(), late()]);
    await closing;
    for (const outcome of [...during, ...await Promise.allSettled([late()])]) {
      assertEquals((outcome as PromiseRejectedResult).reason?.name, "StoreUnavailable");
    }
    await store.probe();
    await store.close();
  });
}
