import { assertEquals } from "@std/assert";
import type { EventFilter, EventLog, StoredEvent } from "../../events/event_log.ts";
import { Outage } from "../../server/outage.ts";
import { Tail } from "../../events/tail.ts";
import { within } from "../support/arrivals.ts";
import { FakeClock } from "../support/fake_clock.ts";

const UNREADABLE = new Error("disk I/O error");

function anEvent(id: number): StoredEvent {
  return {
    id,
    at: new Date(0),
    type: "note",
    actor: "us",
    callId: "a",
    callSeq: id,
    contractId: null,
    toEveryone: false,
    call: null,
    parties: null,
    data: {},
  };
}

/** A log whose next reads fail. */
class FailingLog implements EventLog {
  events: StoredEvent[] = [];
  failures = 0;
  reads = 0;
  /** Every read waits for this. */
  gate: Promise<void> = Promise.resolve();

  async after(id: number, _filter: EventFilter, limit: number): Promise<StoredEvent[]> {
    this.reads++;
    await this.gate;
    if (this.failures-- > 0) throw UNREADABLE;
    return this.events.filter((event) => event.id > id).slice(0, limit);
  }

  lastId(): Promise<number> {
    return Promise.resolve(0);
  }
}

/** A tail on this log, its reports, and its listener's events. */
async function aTail() {
  const log = new FailingLog();
  const lines: unknown[] = [];
  const outage = new Outage({
    began: (error) => lines.push(["began", error]),
    over: () => lines.push("over"),
  });
  const tail = await Tail.open(log, (error) => lines.push(error), outage);
  const heard: number[] = [];
  tail.listen((events) => heard.push(...events.map(({ id }) => id)));
  return { log, tail, heard, lines };
}

/** Runs everything that waits for no timer. */
async function quiet(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await undefined;
}

Deno.test("Tail retries a failed read on its own, and reports the outage twice", async () => {
  using time = new FakeClock();
  const { log, tail, heard, lines } = await aTail();
  log.events = [anEvent(1), anEvent(2)];
  log.failures = 5;
  tail.wake();
  await quiet();
  assertEquals([heard, lines], [[], [["began", UNREADABLE]]]);
  // No commit follows.
  for (let seconds = 0; seconds < 30 && heard.length === 0; seconds++) {
    time.advance(1000);
    await quiet();
  }
  assertEquals([heard, lines], [[1, 2], [["began", UNREADABLE], "over"]]);
  assertEquals([log.reads, time.running], [6, 0]);
});

Deno.test("Tail waits longer after each failed read, up to a limit, even when woken", async () => {
  using time = new FakeClock();
  const { log, tail } = await aTail();
  log.events = [anEvent(1)];
  log.failures = Infinity;
  tail.wake();
  await quiet();
  const perMinute: number[] = [];
  for (let minutes = 0; minutes < 3; minutes++) {
    const before = log.reads;
    for (let steps = 0; steps < 600; steps++) {
      tail.wake();
      time.advance(100);
      await quiet();
    }
    perMinute.push(log.reads - before);
  }
  assertEquals(perMinute[1], perMinute[2]);
  assertEquals(perMinute[0]! > perMinute[1]!, true);
  assertEquals(perMinute.every((reads) => reads >= 6 && reads <= 30), true, `${perMinute}`);
});

Deno.test("Tail.close() stops retrying at once, and leaves no timer", async () => {
  using time = new FakeClock();
  const { log, tail, heard } = await aTail();
  log.events = [anEvent(1)];
  log.failures = 1;
  tail.wake();
  await quiet();
  assertEquals(time.running, 1);
  await tail.close();
  assertEquals(time.running, 0);
  tail.wake();
  time.advance(60_000);
  await quiet();
  assertEquals([heard, log.reads], [[], 1]);
});

Deno.test("Tail.close() delivers the page that is being read", async () => {
  const { log, tail, heard } = await aTail();
  log.events = [anEvent(1)];
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  tail.wake();
  const closed = tail.close();
  resolve();
  await closed;
  assertEquals(heard, [1]);
});

Deno.test("Tail.close() during a failing read waits for nothing more, and reports no recovery", async () => {
  using time = new FakeClock();
  const { log, tail, lines } = await aTail();
  log.failures = 1;
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  tail.wake();
  const closed = tail.close();
  resolve();
  await within(closed, () => "the tail is not closed");
  assertEquals([time.running, log.reads, lines], [0, 1, [["began", UNREADABLE]]]);
});

Deno.test("Tail.close() reads no page after the current one", async () => {
  const { log, tail, heard } = await aTail();
  log.events = Array.from({ length: 250 }, (_, at) => anEvent(at + 1));
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  tail.wake();
  const closed = tail.close();
  resolve();
  await within(closed, () => "the tail is not closed");
  assertEquals([heard.length, log.reads], [200, 1]);
});
