import { assert, assertEquals } from "@std/assert";
import { turn } from "../../session/broadcast.ts";
import { Replays, type ReplaySession } from "../../session/replays.ts";
import { Arrivals, within } from "../support/arrivals.ts";

/** A session whose peer keeps up or not, as the test says. */
class Peer implements ReplaySession {
  readonly #end = Promise.withResolvers<void>();
  readonly ended: Promise<void> = this.#end.promise;
  /** Each look at whether the peer keeps up. */
  readonly looks = new Arrivals<boolean>();
  keepsUp = true;

  get takesMore(): boolean {
    this.looks.push(this.keepsUp);
    return this.keepsUp;
  }

  leave(): void {
    this.#end.resolve();
  }
}

/** A backlog of numbers, in pages of ten. */
function backlog(total: number) {
  const told: number[] = [];
  return {
    told,
    reads: 0,
    read() {
      this.reads++;
      const rest = Array.from({ length: Math.min(10, total - told.length) }, (_, at) => at);
      return rest.length === 0 ? null : rest.map((at) => told.length + at + 1);
    },
    tell: (item: number) => void told.push(item),
  };
}

const numbers = (total: number) => Array.from({ length: total }, (_, at) => at + 1);

Deno.test("Replays sends each session everything, in order", async () => {
  const replays = new Replays(2);
  const backlogs = [25, 0, 7, 100].map(backlog);
  const done = await within(
    Promise.all(backlogs.map((each) => replays.tell(new Peer(), each))),
    () => "the replays go on",
  );
  assertEquals(done, [true, true, true, true]);
  assertEquals(backlogs.map(({ told }) => told), [25, 0, 7, 100].map(numbers));
});

Deno.test("Replays lets as many read at once as there are places, first come first served", async () => {
  const replays = new Replays(2);
  const reading = new Arrivals<number>();
  const gates = numbers(5).map(() => Promise.withResolvers<null>());
  const running = gates.map(({ promise }, at) =>
    replays.tell(new Peer(), {
      read() {
        reading.push(at);
        return promise;
      },
      tell() {},
    })
  );
  await reading.count(2);
  assertEquals(reading.all, [0, 1]);
  gates[1]!.resolve(null);
  await reading.count(3);
  assertEquals(reading.all, [0, 1, 2]);
  for (const { resolve } of gates) resolve(null);
  await within(Promise.all(running), () => `reading ${reading.all}`);
  assertEquals(reading.all, [0, 1, 2, 3, 4]);
  assertEquals(replays.counts.mostAtOnce, 2);
});

Deno.test("Replays works for many sessions in slices, between turns of the event loop", async () => {
  const replays = new Replays(100);
  let turns = 0;
  let goesOn = true;
  const turning = (async () => {
    // Audio that arrives meanwhile is handled in turns like these.
    while (goesOn) {
      await turn();
      turns++;
    }
  })();
  const backlogs = numbers(100).map(() => backlog(200));
  await within(
    Promise.all(backlogs.map((each) => replays.tell(new Peer(), each))),
    () => "the replays go on",
  );
  goesOn = false;
  await turning;
  const { slices } = replays.counts;
  // A page of ten is two steps, and a slice has twelve at most.
  assert(slices >= 100 * 200 / 10 * 2 / 12, `${slices} slices`);
  assert(turns >= slices / 2, `${turns} turns in ${slices} slices`);
});

Deno.test("Replays reads nothing for a peer that does not keep up, and frees its place", async () => {
  const replays = new Replays(1);
  const [slow, quick] = [new Peer(), new Peer()];
  slow.keepsUp = false;
  const [waiting, other] = [backlog(5), backlog(30)];
  const telling = replays.tell(slow, waiting);
  await slow.looks.count(3);
  assertEquals(await within(replays.tell(quick, other), () => "the place is taken"), true);
  assertEquals([waiting.reads, other.told.length], [0, 30]);
  slow.keepsUp = true;
  assertEquals(await within(telling, () => "it waits for ever"), true);
  assertEquals(waiting.told, numbers(5));
});

Deno.test("Replays reads the rest of a page again when the peer falls behind within it", async () => {
  const replays = new Replays(1);
  const peer = new Peer();
  const behind = backlog(10);
  const tell = behind.tell;
  behind.tell = (item) => {
    tell(item);
    if (item === 8) peer.keepsUp = false;
  };
  const telling = replays.tell(peer, behind);
  await peer.looks.some((keepsUp) => !keepsUp);
  // A session has so many turns to send its notices.
  await peer.looks.count(peer.looks.all.length + 260);
  assertEquals(behind.told, numbers(8));
  peer.keepsUp = true;
  assertEquals(await within(telling, () => "it waits for ever"), true);
  assertEquals(behind.told, numbers(10));
  assertEquals(behind.reads, 3);
});

Deno.test("Replays ends with its session: what is queued is not read", async () => {
  const replays = new Replays(1);
  const place = await replays.enter();
  const [queued, slow] = [new Peer(), new Peer()];
  slow.keepsUp = false;
  const [first, second] = [backlog(5), backlog(5)];
  const telling = [replays.tell(queued, first), replays.tell(slow, second)];
  await slow.looks.count(1);
  queued.leave();
  slow.leave();
  await queued.ended;
  place[Symbol.dispose]();
  assertEquals(await within(Promise.all(telling), () => "they wait"), [false, false]);
  assertEquals([first.reads, second.reads], [0, 0]);
});

Deno.test("Replays passes on an error of a backlog, and frees its place", async () => {
  const replays = new Replays(1);
  const broken = {
    read() {
      throw new Error("the disk is broken");
    },
    tell() {},
  };
  const fault = await replays.tell(new Peer(), broken).catch((error: Error) => error.message);
  assertEquals(fault, "the disk is broken");
  const next = backlog(3);
  assertEquals(await within(replays.tell(new Peer(), next), () => "the place is taken"), true);
});
