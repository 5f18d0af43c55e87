import { assertEquals } from "@std/assert";
import type { EventFilter, EventLog, StoredEvent } from "../../events/event_log.ts";
import { Tail } from "../../events/tail.ts";

/** A log in memory. */
class Log implements EventLog {
  readonly events: StoredEvent[] = [];
  /** The types that each read asked for. */
  readonly reads: EventFilter["types"][] = [];

  keep(count: number, type = "note"): void {
    for (let left = count; left > 0; left--) {
      this.events.push({
        id: this.events.length + 1,
        at: new Date(0),
        type,
        actor: "us",
        callId: null,
        callSeq: null,
        contractId: null,
        toEveryone: false,
        call: null,
        parties: null,
        data: {},
      });
    }
  }

  after(id: number, { types }: EventFilter, limit: number): Promise<readonly StoredEvent[]> {
    this.reads.push(types);
    const events = this.events.filter((event) =>
      event.id > id && (types === undefined || types.includes(event.type))
    );
    return Promise.resolve(events.slice(0, limit));
  }

  lastId(): Promise<number> {
    return Promise.resolve(this.events.length);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

Deno.test("Tail calls the other listeners, and continues, when one throws", async () => {
  const log = new Log();
  const failures: unknown[] = [];
  const tail = await Tail.open(log, (error) => failures.push(error));
  const heard: number[] = [];
  const boom = new Error("boom");
  using _broken = tail.listen(() => {
    throw boom;
  });
  using _sound = tail.listen((events) => heard.push(...events.map(({ id }) => id)));
  log.keep(1);
  tail.wake();
  await tail.settled();
  assertEquals([heard, failures, tail.lastId], [[1], [boom], 1]);
  // More than one page: a throwing listener must not stop the reading between pages either.
  log.keep(300);
  tail.wake();
  await tail.settled();
  assertEquals([heard, failures, tail.lastId], [upTo(301), [boom, boom, boom], 301]);
});

Deno.test("Tail lets listeners leave and join during a page", async () => {
  const log = new Log();
  const failures: unknown[] = [];
  const tail = await Tail.open(log, (error) => failures.push(error));
  const heard: string[] = [];
  const first = tail.listen((events) => {
    heard.push(`first ${events.length}`);
    first[Symbol.dispose]();
    tail.listen((events) => heard.push(`second ${events.length}`));
  });
  for (const count of [2, 3]) {
    log.keep(count);
    tail.wake();
    await tail.settled();
  }
  // No listener receives an empty page.
  tail.wake();
  await tail.settled();
  assertEquals([heard, failures], [["first 2", "second 3"], []]);
});

Deno.test("Tail reads no event without a listener, and still advances", async () => {
  const log = new Log();
  const tail = await Tail.open(log, () => {});
  log.keep(3);
  tail.wake();
  await tail.settled();
  assertEquals([tail.lastId, log.reads], [3, []]);
  const heard: number[] = [];
  using _listening = tail.listen((events) => heard.push(...events.map(({ id }) => id)), ["paid"]);
  log.keep(300);
  log.keep(1, "paid");
  log.keep(1);
  tail.wake();
  await tail.settled();
  assertEquals([heard, tail.lastId, log.reads], [[304], 305, [["paid"]]]);
});

Deno.test("Tail reads page by page when more events are wanted than fit a page", async () => {
  const log = new Log();
  const tail = await Tail.open(log, () => {});
  const heard: number[] = [];
  using _listening = tail.listen((events) => heard.push(...events.map(({ id }) => id)), ["paid"]);
  log.keep(450, "paid");
  log.keep(1);
  tail.wake();
  await tail.settled();
  assertEquals([heard, tail.lastId], [upTo(450), 451]);
});

Deno.test("Tail misses nothing for a listener that joins during a read", async () => {
  const log = new Log();
  const tail = await Tail.open(log, () => {});
  using _listening = tail.listen(() => {}, ["paid"]);
  log.keep(2);
  tail.wake();
  const { lastId } = tail;
  const heard: number[] = [];
  using _other = tail.listen((events) => heard.push(...events.map(({ id }) => id)));
  await tail.settled();
  assertEquals([lastId, heard], [0, [1, 2]]);
});

Deno.test("Tail.wake() skips events that nobody wants, without a read", async () => {
  const log = new Log();
  const tail = await Tail.open(log, () => {});
  const heard: number[] = [];
  using _listening = tail.listen((events) => heard.push(...events.map(({ id }) => id)), ["paid"]);
  log.keep(2);
  tail.wake({ firstId: 1, lastId: 2, types: new Set(["note"]) });
  assertEquals([tail.lastId, log.reads], [2, []]);
  log.keep(1, "paid");
  tail.wake({ firstId: 3, lastId: 3, types: new Set(["paid"]) });
  // Must wait for the read under way: event 3 is unread.
  log.keep(1);
  tail.wake({ firstId: 4, lastId: 4, types: new Set(["note"]) });
  assertEquals(tail.lastId, 2);
  await tail.settled();
  assertEquals([heard, tail.lastId], [[3], 4]);
  // A batch went by unheard, as one of another process would.
  log.keep(1, "paid");
  log.keep(1);
  tail.wake({ firstId: 6, lastId: 6, types: new Set(["note"]) });
  await tail.settled();
  assertEquals([heard, tail.lastId], [[3, 5], 6]);
});

Deno.test("Tail.wake() reads what a listener without types wants", async () => {
  const log = new Log();
  const tail = await Tail.open(log, () => {});
  const heard: number[] = [];
  using _typed = tail.listen(() => {}, ["paid"]);
  using _all = tail.listen((events) => heard.push(...events.map(({ id }) => id)));
  log.keep(2);
  tail.wake({ firstId: 1, lastId: 2, types: new Set(["note"]) });
  await tail.settled();
  assertEquals([heard, tail.lastId], [[1, 2], 2]);
});
