import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { commitBatch } from "../../../store/sqlite/commit.ts";
import { WrongDatabase } from "../../../store/errors.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { migrate } from "../../../store/sqlite/schema/migrate.ts";
import type { Job } from "../../../store/sqlite/writes/operations.ts";
import { StoreUnavailable } from "../../../store/errors.ts";
import { WriterSetup } from "../../support/committers.ts";
import { contractWrite, note, sampleCall, sampleContract } from "../../support/store_samples.ts";
import { START, STARTED } from "../../support/store_samples.ts";

Deno.test("Writer commits the jobs of one turn of the event loop together", async () => {
  using setup = new WriterSetup();
  await Promise.all([
    setup.calls.begin(sampleCall("a"), STARTED, START),
    ...Array.from({ length: 99 }, (_, at) => setup.calls.append("a", note(`${at}`), START)),
  ]);
  assertEquals(setup.committer.batches.map((jobs) => jobs.length), [100]);
});

Deno.test("Writer commits the jobs that arrive during a commit together", async () => {
  using setup = new WriterSetup();
  const { promise, resolve } = Promise.withResolvers<void>();
  setup.committer.gate = promise;
  const first = setup.calls.begin(sampleCall("a"), STARTED, START);
  // The others arrive during the first batch, one turn after the other.
  await Promise.resolve();
  const others = [];
  for (let count = 0; count < 50; count++) {
    others.push(setup.calls.append("a", note(`${count}`), START));
    await Promise.resolve();
  }
  assertEquals(setup.committer.batches.length, 1);
  resolve();
  await Promise.all([first, ...others]);
  assertEquals(setup.committer.batches.map((jobs) => jobs.length), [1, 50]);
});

Deno.test("Writer commits at most a thousand jobs at once, in order", async () => {
  using setup = new WriterSetup();
  await setup.calls.begin(sampleCall("a"), STARTED, START);
  const writes = Array.from(
    { length: 2500 },
    (_, at) => setup.calls.append("a", note(`${at}`), START),
  );
  const seqs = (await Promise.all(writes)).map(({ event }) => event.seq);
  assertEquals(setup.committer.batches.map((jobs) => jobs.length), [1, 1000, 1000, 500]);
  assertEquals(seqs, Array.from({ length: 2500 }, (_, at) => at + 2));
});

Deno.test("commitBatch() rolls back the writes of a failed job only", async () => {
  using setup = new WriterSetup();
  await setup.contracts.write(contractWrite(sampleContract("a"), { operation: "taken" }));
  setup.committer.batches.length = 0;
  const outcomes = await Promise.allSettled([
    setup.calls.begin(sampleCall("a"), STARTED, START),
    setup.contracts.write(contractWrite(sampleContract("b"), { operation: "taken" })),
    setup.calls.append("a", note("between"), START),
    // Its call is written before its event fails.
    setup.calls.begin(sampleCall("b"), { ...STARTED, actor: null as unknown as string }, START),
    setup.calls.append("a", note("after"), START),
  ]);
  assertEquals(setup.committer.batches.length, 1);
  assertEquals(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
  );
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    assert(!(outcome.reason instanceof StoreUnavailable), "it is no use to try it again");
  }
  assertEquals(setup.writer.fault, undefined);
  assertEquals(await setup.calls.call("b"), undefined);
  assertEquals(await setup.contracts.contract("b"), undefined);
  assertEquals((await setup.calls.events("a", 0, 9)).map(({ seq }) => seq), [1, 2, 3]);
});

Deno.test("commitBatch() leaves no gap in the numbers after a failed job", async () => {
  using setup = new WriterSetup();
  await setup.calls.begin(sampleCall("a"), STARTED, START);
  setup.database.exec(
    "CREATE TRIGGER no_answer BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'no answer'); END",
  );
  // Its event is written and cached before the write of the call's own row fails.
  const [answered, noted] = await Promise.allSettled([
    setup.calls.append("a", { type: "answered", actor: "line", data: {} }, START),
    setup.calls.append("a", note("behind"), START),
  ]);
  assertEquals(setup.committer.batches.at(-1)?.length, 2);
  assert(answered.status === "rejected" && noted.status === "fulfilled");
  assertEquals(noted.value.event.seq, 2);
  setup.database.exec("DROP TRIGGER no_answer");
  await setup.calls.append("a", { type: "answered", actor: "line", data: {} }, START);
  assertEquals((await setup.calls.events("a", 0, 9)).map(({ seq }) => seq), [1, 2, 3]);
  assertEquals((await setup.calls.call("a"))?.state, "answered");
});

/** A database on a full disk, where SQLite ends the transaction on its own. */
class EndingDatabase extends Database {
  throws: Error | undefined;

  override run(): never | { changes: number; lastId: number } {
    this.exec("ROLLBACK");
    if (this.throws !== undefined) throw this.throws;
    return { changes: 0, lastId: 0 };
  }
}

Deno.test("commitBatch() persists nothing, and says why, when SQLite has ended the transaction", () => {
  const database = new EndingDatabase(":memory:");
  migrate(database);
  const jobs: Job[] = [1, 2].map((at) => ({ name: "probe", input: { at } }));
  const why = "the transaction was rolled back";
  assertEquals(commitBatch(database, jobs), { persisted: false, why });
  database.throws = new Error("no space");
  assertEquals(commitBatch(database, jobs), { persisted: false, why: "no space" });
  database.close();
});

/** A database on which each write fails with this error. */
class FailingDatabase extends Database {
  fault: Error | undefined;

  override run(sql: string, ...values: []): { changes: number; lastId: number } {
    if (this.fault !== undefined) throw this.fault;
    return super.run(sql, ...values);
  }
}

const IO_ERROR = Object.assign(new Error("disk I/O error"), { errcode: 10 | (1 << 8) });
const CONSTRAINT = Object.assign(new Error("constraint failed"), { errcode: 19 });
const FAULTS: [fault: Error, isOfTheDisk: boolean][] = [
  [IO_ERROR, true],
  [new WrongDatabase("damaged"), true],
  [CONSTRAINT, false],
  [new Error("unknown call"), false],
];

for (const [fault, isOfTheDisk] of FAULTS) {
  const what = isOfTheDisk ? "keeps nothing of a batch" : "refuses the one job";
  Deno.test(`commitBatch() ${what} when a write fails with "${fault.message}", and goes on`, () => {
    const database = new FailingDatabase(":memory:");
    migrate(database);
    const jobs: Job[] = [{ name: "probe", input: { at: 1 } }];
    database.fault = fault;
    const why = fault.message;
    assertEquals(
      commitBatch(database, jobs),
      isOfTheDisk
        ? { persisted: false, why }
        : { persisted: true, results: [{ done: false, why }] },
    );
    assert(!database.inTransaction);
    database.fault = undefined;
    const output = undefined;
    assertEquals(commitBatch(database, jobs), {
      persisted: true,
      results: [{ done: true, output }],
    });
    database.close();
  });
}

Deno.test("Writer reports persisted batches only, and accepts nothing once it is closed", async () => {
  using setup = new WriterSetup();
  let told = 0;
  setup.writer.onPersisted = () => told++;
  await setup.calls.begin(sampleCall("a"), STARTED, START);
  assertEquals(told, 1);
  setup.readOnly = true;
  await assertRejects(() => setup.calls.append("a", note("lost"), START), StoreUnavailable);
  assertEquals(told, 1);
  setup.readOnly = false;
  const last = setup.calls.append("a", note("last"), START);
  await setup.writer.close();
  assertEquals([(await last).event.seq, setup.committer.closed], [2, true]);
  await assertRejects(
    () => setup.calls.append("a", note("late"), START),
    StoreUnavailable,
    "the store is closed",
  );
});

Deno.test("commitBatch() treats an unknown operation as a failed job", () => {
  using setup = new WriterSetup();
  const jobs = [{ name: "dance", input: {} }, { name: "probe", input: { at: 1 } }];
  const result = commitBatch(setup.database, jobs as unknown as Job[]);
  assert(result.persisted);
  assertEquals(result.results.map(({ done }) => done), [false, true]);
});

for (const how of ["full", "read-only"] as const) {
  const breakIt = (setup: WriterSetup) => how === "full" ? setup.fillUp() : setup.readOnly = true;
  const mend = (setup: WriterSetup) => how === "full" ? setup.makeSpace() : setup.readOnly = false;

  Deno.test(`writer keeps nothing of a batch when the disk is ${how}`, async () => {
    using setup = new WriterSetup();
    await setup.calls.begin(sampleCall("a"), STARTED, START);
    await setup.calls.append("a", note("kept"), START);
    breakIt(setup);
    const big = "x".repeat(10_000);
    const outcomes = await Promise.allSettled([
      setup.calls.append("a", note("small"), START),
      setup.contracts.write(contractWrite(sampleContract("b", { transcript: big }))),
      setup.calls.append("a", note(big), START),
    ]);
    for (const outcome of outcomes) {
      assertInstanceOf((outcome as PromiseRejectedResult).reason, StoreUnavailable);
    }
    assert(setup.writer.fault?.includes(how === "full" ? "full" : "readonly"), setup.writer.fault);
    assertEquals((await setup.calls.call("a"))?.lastSeq, 2);
    await assertRejects(
      () => setup.calls.begin(sampleCall("c", { from: big }), STARTED, START),
      StoreUnavailable,
      "beginCall",
    );
    mend(setup);
    const { event } = await setup.calls.append("a", note("again"), START);
    assertEquals(event.seq, 3, "there is no gap");
    assertEquals(setup.writer.fault, undefined);
    assertEquals((await setup.calls.events("a", 0, 9)).map(({ seq }) => seq), [1, 2, 3]);
    assertEquals(await setup.contracts.contract("b"), undefined);
  });

  Deno.test(`writer continues its numbers after what was kept when the disk is ${how} now and then`, async () => {
    using setup = new WriterSetup();
    await setup.calls.begin(sampleCall("a"), STARTED, START);
    const kept: number[] = [];
    for (let round = 0; round < 20; round++) {
      if (round % 3 === 1) breakIt(setup);
      if (round % 3 === 2) mend(setup);
      const writes = Array.from(
        { length: 5 },
        (_, at) => setup.calls.append("a", note(`${round} ${at} ${"x".repeat(2000)}`), START),
      );
      for (const outcome of await Promise.allSettled(writes)) {
        if (outcome.status === "fulfilled") kept.push(outcome.value.event.seq);
      }
    }
    assert(kept.length < 100, "some were refused");
    assertEquals(kept, Array.from(kept, (_, at) => at + 2));
    const recorded = await setup.calls.events("a", 1, 1000);
    assertEquals(recorded.map(({ seq }) => seq), kept);
  });
}

Deno.test("Writer says why nothing was persisted when its committer throws", async () => {
  using setup = new WriterSetup();
  setup.committer.gate = Promise.reject(new Error("the thread has died"));
  await assertRejects(
    () => setup.calls.begin(sampleCall("a"), STARTED, START),
    StoreUnavailable,
    'Cannot persist "beginCall": the thread has died',
  );
  assertEquals(setup.writer.fault, "the thread has died");
});
