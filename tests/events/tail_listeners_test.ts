import { assertEquals } from "@std/assert";
import type { EventLog, StoredEvent } from "../../events/event_log.ts";
import { Tail } from "../../events/tail.ts";

/** A log in memory. */
class Log implements EventLog {
  readonly events: StoredEvent[] = [];

  keep(count: number): void {
    for (let left = count; left > 0; left--) {
      this.events.push({
        id: this.events.length + 1,
        at: new Date(0),
        type: "note",
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

  after(id: number, _filter: unknown, limit: number): Promise<readonly StoredEvent[]> {
    return Promise.resolve(this.events.filter((event) => event.id > id).slice(0, limit));
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
  // No listener hears an empty page.
  tail.wake();
  await tail.settled();
  assertEquals([heard, failures], [["first 2", "second 3"], []]);
});
