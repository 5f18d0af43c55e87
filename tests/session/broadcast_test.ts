import { assertEquals } from "@std/assert";
import { Broadcaster } from "../../session/broadcast.ts";
import { Arrivals } from "../support/arrivals.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Sessions that take their time, under one ear: `heard` has `name notice`. */
class Room {
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

  /** How many are told before the event loop turns, once so many have been told at least. */
  async toldIn(count: number): Promise<number> {
    return (await this.heard.count(count)).length;
  }
}

Deno.test("Broadcaster yields to the event loop while it notifies fifty sessions, however fast", async () => {
  using clock = new FakeClock();
  const room = new Room();
  room.broadcaster.tell(room.sessions(120), "news");
  for (const told of [50, 100, 120]) {
    assertEquals(await room.toldIn(told), told);
    clock.advance(0);
  }
  await room.broadcaster.settled;
  assertEquals(room.heard.all, Array.from({ length: 120 }, (_, at) => `${at} news`));
});

Deno.test("Broadcaster yields to the event loop after two milliseconds, and checks at every eighth", async () => {
  for (
    const [eachMs, slices] of [[0.25, [8, 16, 20]], [0.24, [16, 20]], [1, [8, 16, 20]]] as const
  ) {
    using clock = new FakeClock();
    const room = new Room();
    room.broadcaster.tell(room.sessions(20, { notify: () => clock.stall(eachMs) }), "news");
    for (const told of slices) {
      assertEquals(await room.toldIn(told), told);
      clock.advance(0);
    }
    await room.broadcaster.settled;
  }
});

Deno.test("Broadcaster notifies the sessions present at the call, and none that join later", async () => {
  using clock = new FakeClock();
  const room = new Room();
  const sessions = new Set(room.sessions(60));
  room.broadcaster.tell(sessions, "news");
  for (const late of room.sessions(3, { first: 60 })) sessions.add(late);
  assertEquals(await room.toldIn(50), 50);
  for (const late of room.sessions(3, { first: 63 })) sessions.add(late);
  clock.advance(0);
  await room.broadcaster.settled;
  assertEquals(room.heard.all.length, 60);
  assertEquals(room.heard.all.at(-1), "59 news");
});

Deno.test("Broadcaster sends one message after another, in order, and then idles", async () => {
  using clock = new FakeClock();
  const room = new Room();
  const sessions = room.sessions(60);
  room.broadcaster.tell(sessions, "first");
  room.broadcaster.tell(sessions, "second");
  for (const told of [50, 110]) {
    await room.toldIn(told);
    clock.advance(0);
  }
  await room.broadcaster.settled;
  assertEquals(room.heard.all.length, 120);
  assertEquals(room.heard.all.findIndex((line) => line.endsWith("second")), 60);
  assertEquals(clock.running, 0);
  room.broadcaster.tell(sessions.slice(0, 1), "third");
  await room.broadcaster.settled;
  assertEquals(room.heard.all.at(-1), "0 third");
});
