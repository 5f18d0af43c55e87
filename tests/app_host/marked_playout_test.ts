/** The playout of a far end that buffers, on a clock that only the test moves. */
import { assert, assertEquals } from "@std/assert";
import { bytesOf, samplesOf } from "../../audio/pcm.ts";
import { FarPlayout } from "../../app_host/jambonz/far_playout.ts";
import { turn } from "../../session/broadcast.ts";

interface Line {
  readonly playout: FarPlayout;
  nowMs: number;
  /** Plays under a name. The marks are numbers, in the order of the pieces. */
  play(pcm: Uint8Array<ArrayBuffer>, name: string): void;
  /** The results of the pieces so far. */
  told(): Promise<string[]>;
  /** Advances the time, polls when the playout says so, and returns what was sent and when. */
  advance(ms: number): { atMs: number; what: string; bytes: number }[];
}

function line(): Line {
  const told: string[] = [];
  const self: Line = {
    nowMs: 1000,
    playout: new FarPlayout({ wake() {}, played() {}, cannotPlay() {} }, () => self.nowMs),
    play: (pcm, name) =>
      void self.playout.play(pcm, name).then((end) => void told.push(`${end} ${name}`)),
    async told() {
      await turn();
      await turn();
      return told;
    },
    advance(ms) {
      const out: { atMs: number; what: string; bytes: number }[] = [];
      const untilMs = self.nowMs + ms;
      while (true) {
        const { items, againInMs } = self.playout.due();
        for (const item of items) {
          const atMs = self.nowMs - 1000;
          const what = item.kind === "mark" ? `mark ${item.name}` : item.kind;
          out.push({ atMs, what, bytes: item.kind === "frame" ? item.bytes.length : 0 });
        }
        if (againInMs === undefined || self.nowMs + againInMs > untilMs) break;
        self.nowMs += againInMs;
      }
      self.nowMs = untilMs;
      return out;
    },
  };
  return self;
}

/** Loud audio of this length. */
function audio(ms: number, sample = 1000): Uint8Array<ArrayBuffer> {
  return bytesOf(new Int16Array(ms * 8).fill(sample));
}

Deno.test("FarPlayout sends audio ahead of time, up to its lead", () => {
  const { play, advance } = line();
  play(audio(2000), "a");
  const first = advance(0);
  assertEquals(first.length, 13, "what is to be heard within 240 ms");
  const rest = advance(3000);
  const frames = [...first, ...rest].filter(({ what }) => what === "frame");
  assertEquals(frames.slice(0, 100).every(({ bytes }) => bytes === 320), true);
  // Frame n is sent when the far end has 240 ms left, neither before nor after.
  for (const [n, { atMs }] of frames.slice(0, 100).entries()) {
    assert(atMs === Math.max(0, n * 20 - 240), `frame ${n} at ${atMs}`);
  }
});

Deno.test("FarPlayout sends the mark after the last frame, followed by silence that flushes it", async () => {
  const { playout, play, advance, told } = line();
  play(audio(50), "a");
  const out = advance(400);
  assertEquals(out.map(({ what, bytes }) => [what, bytes]), [
    ["frame", 320],
    ["frame", 320],
    ["frame", 160],
    ["mark 1", 0],
    ["frame", 2560],
  ]);
  assertEquals(await told(), [], "jambonz has told nothing");
  playout.marked("1", "playout");
  assertEquals(await told(), ["heard a"]);
  assertEquals(playout.due(), { items: [], againInMs: undefined });
});

Deno.test("FarPlayout sends no silence between consecutive pieces", () => {
  const { play, advance } = line();
  play(audio(300), "a");
  play(audio(300), "b");
  const out = advance(1000).filter(({ what, bytes }) => what !== "frame" || bytes !== 320);
  assertEquals(out.map(({ what }) => what), ["mark 1", "mark 2", "frame"]);
});

Deno.test("FarPlayout counts audio up to a mark as heard, and ignores an unknown mark", async () => {
  const { playout, play, advance, told } = line();
  for (const mark of ["a", "b", "c"]) play(audio(20), mark);
  advance(0);
  playout.marked("x", "playout");
  playout.marked("2", "playout");
  assertEquals(await told(), ["heard a", "heard b"]);
  playout.marked("2", "cleared");
  playout.marked("3", "cleared");
  assertEquals(await told(), ["heard a", "heard b", "dropped c"]);
});

Deno.test("FarPlayout counts audio as heard half a second after its end, mark or not", async () => {
  const { play, advance, told } = line();
  play(audio(100), "a");
  advance(599);
  assertEquals(await told(), []);
  advance(1);
  assertEquals(await told(), ["heard a"]);
});

Deno.test("FarPlayout has at most 30 marks pending, and still settles the rest", async () => {
  const { playout, play, advance, told } = line();
  const marks = Array.from({ length: 100 }, (_, n) => `m${n}`);
  for (const mark of marks) play(audio(1), mark);
  const asked = advance(100).filter(({ what }) => what !== "frame");
  assertEquals(asked.length, 30);
  playout.marked("30", "playout");
  assertEquals((await told()).length, 30);
  advance(2000);
  assertEquals(await told(), marks.map((mark) => `heard ${mark}`));
});

Deno.test("FarPlayout drops all unheard audio, in order", async () => {
  const { playout, play, advance, told } = line();
  for (const mark of ["a", "b", "c"]) play(audio(200), mark);
  advance(100);
  playout.drop();
  assertEquals(await told(), ["dropped a", "dropped b", "dropped c"]);
  assertEquals(playout.due(), { items: [], againInMs: undefined });
  play(audio(20), "d");
  assertEquals(advance(0).map(({ what }) => what), ["frame", "mark 4", "frame"]);
});

Deno.test("FarPlayout clears the far end's buffer once, before anything new", async () => {
  const { playout, play, advance, told } = line();
  play(audio(200), "a");
  advance(100);
  playout.interrupt();
  play(audio(20), "b");
  assertEquals(await told(), ["dropped a"]);
  assertEquals(advance(0).map(({ what }) => what), ["interruption", "frame", "mark 2", "frame"]);
  assertEquals(advance(0), []);
  playout.interrupt();
  playout.drop();
  assertEquals(playout.due().items, [], "there is no far end any more");
});

Deno.test("FarPlayout sends no sample that jambonz would mistake for a mark", () => {
  const { playout, play } = line();
  const given = audio(20, -1);
  play(given, "a");
  const [item] = playout.due().items;
  assert(item?.kind === "frame");
  assertEquals(new Set(samplesOf(item.bytes)), new Set([0]));
  assertEquals(new Set(samplesOf(given)), new Set([-1]), "what was given stays as it is");
});

Deno.test("FarPlayout sends whole samples, and settles an empty piece in its turn", async () => {
  const { playout, play, advance, told } = line();
  play(new Uint8Array(3), "odd");
  play(new Uint8Array(0), "nothing");
  const out = advance(0);
  assertEquals(out.map(({ what, bytes }) => [what, bytes]), [
    ["frame", 4],
    ["mark 1", 0],
    ["mark 2", 0],
    ["frame", 2560],
  ]);
  playout.marked("2", "playout");
  assertEquals(await told(), ["heard odd", "heard nothing"]);
});
