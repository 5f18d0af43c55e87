import { assertEquals } from "@std/assert";
import { Broadcaster } from "../../session/broadcast.ts";
import { Arrivals } from "../support/arrivals.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Slow sessions that share one log: `heard` has `name notice`. */
class SlowSessions {
  readonly heard = new Arrivals<string>();
  readonly broadcaster = new Broadcaster<{ notify(notice: string): boolean }, string>();

  /** `count` sessions, named by their numbers from `first` on. */
  sessions(count: number, { first = 0, notify = () => {} } = {}) {
    return Array.from({ length: count }, (_, at) => ({
      notify: (notice: string) => {
        this.heard.push(`${first + at} ${notice}`);
        notify();
        return true;
      },
    }));
  }

  /** How many are notified before the event loop turns, once at least so many have been. */
  async toldIn(count: number): Promise<number> {
    return (await this.heard.count(count)).length;
  }
}

Deno.test("Broadcaster yields to the event loop while it notifies fifty sessions, however fast", async () => {
  using clock = new FakeClock();
  const slow = new SlowSessions();
  slow.broadcaster.tell(slow.sessions(120), "news");
  for (const told of [50, 100, 120]) {
    assertEquals(await slow.toldIn(told), told);
    clock.advance(0);
  }
  await slow.broadcaster.settled;
  assertEquals(slow.heard.all, Array.from({ length: 120 }, (_, at) => `${at} news`));
});

Deno.test("Broadcaster yields to the event loop after two milliseconds, and checks at every eighth", async () => {
  for (
    const [eachMs, slices] of [[0.25, [8, 16, 20]], [0.24, [16, 20]], [1, [8, 16, 20]]] as const
  ) {
    using clock = new FakeClock();
    const slow = new SlowSessions();
    slow.broadcaster.tell(slow.sessions(20, { notify: () => clock.stall(eachMs) }), "news");
    for (const told of slices) {
      assertEquals(await slow.toldIn(told), told);
      clock.advance(0);
    }
    await slow.broadcaster.settled;
  }
});

Deno.test("Broadcaster notifies the sessions present at the call, and none that join later", async () => {
  using clock = new FakeClock();
  const slow = new SlowSessions();
  const sessions = new Set(slow.sessions(60));
  slow.broadcaster.tell(sessions, "news");
  for (const late of slow.sessions(3, { first: 60 })) sessions.add(late);
  assertEquals(await slow.toldIn(50), 50);
  for (const late of slow.sessions(3, { first: 63 })) sessions.add(late);
  clock.advance(0);
  await slow.broadcaster.settled;
  assertEquals(slow.heard.all.length, 60);
  assertEquals(slow.heard.all.at(-1), "59 news");
});

Deno.test("Broadcaster sends one message after another, in order, and then idles", async () => {
  using clock = new FakeClock();
  const slow = new SlowSessions();
  const sessions = slow.sessions(60);
  slow.broadcaster.tell(sessions, "first");
  slow.broadcaster.tell(sessions, "second");
  for (const told of [50, 110]) {
    await slow.toldIn(told);
    clock.advance(0);
  }
  await slow.broadcaster.settled;
  assertEquals(slow.heard.all.length, 120);
  assertEquals(slow.heard.all.findIndex((line) => line.endsWith("second")), 60);
  assertEquals(clock.running, 0);
  slow.broadcaster.tell(sessions.slice(0, 1), "third");
  await slow.broadcaster.settled;
  assertEquals(slow.heard.all.at(-1), "0 third");
});
