/** The playout of a far end that buffers, on a clock that only the test moves. */
import { assert, assertEquals } from "@std/assert";
import { bytesOf, samplesOf } from "../../audio/pcm.ts";
import { FarPlayout } from "../../app_host/jambonz/far_playout.ts";

interface Line {
  readonly playout: FarPlayout;
  readonly told: string[];
  nowMs: number;
  /** Lets so much time pass, asking when the playout says, and gives what went out with its times. */
  advance(ms: number): { atMs: number; what: string; bytes: number }[];
}

function line(): Line {
  const told: string[] = [];
  const self: Line = {
    told,
    nowMs: 1000,
    playout: new FarPlayout({
      heard: (mark) => void told.push(`heard ${mark}`),
      dropped: (mark) => void told.push(`dropped ${mark}`),
    }, () => self.nowMs),
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

/** So much audio that is loud. */
function audio(ms: number, sample = 1000): Uint8Array<ArrayBuffer> {
  return bytesOf(new Int16Array(ms * 8).fill(sample));
}

Deno.test("FarPlayout sends audio ahead of its time, and no further than its lead", () => {
  const { playout, advance } = line();
  playout.give(audio(2000), "a");
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

Deno.test("FarPlayout sends the mark behind the last frame, and then silence that brings it through", () => {
  const { playout, advance, told } = line();
  playout.give(audio(50), "a");
  const out = advance(400);
  assertEquals(out.map(({ what, bytes }) => [what, bytes]), [
    ["frame", 320],
    ["frame", 320],
    ["frame", 160],
    ["mark a", 0],
    ["frame", 2560],
  ]);
  assertEquals(told, [], "jambonz has told nothing");
  playout.marked("a", "playout");
  assertEquals(told, ["heard a"]);
  assertEquals(playout.due(), { items: [], againInMs: undefined });
});

Deno.test("FarPlayout sends no silence between pieces that follow each other", () => {
  const { playout, advance } = line();
  playout.give(audio(300), "a");
  playout.give(audio(300), "b");
  const out = advance(1000).filter(({ what, bytes }) => what !== "frame" || bytes !== 320);
  assertEquals(out.map(({ what }) => what), ["mark a", "mark b", "frame"]);
});

Deno.test("FarPlayout takes what was heard up to a mark as heard, and an unknown mark for nothing", () => {
  const { playout, advance, told } = line();
  for (const mark of ["a", "b", "c"]) playout.give(audio(20), mark);
  advance(0);
  playout.marked("x", "playout");
  playout.marked("b", "playout");
  assertEquals(told, ["heard a", "heard b"]);
  playout.marked("b", "cleared");
  playout.marked("c", "cleared");
  assertEquals(told, ["heard a", "heard b", "dropped c"]);
});

Deno.test("FarPlayout takes audio as heard half a second after it must have been, mark or not", () => {
  const { playout, advance, told } = line();
  playout.give(audio(100), "a");
  advance(599);
  assertEquals(told, []);
  advance(1);
  assertEquals(told, ["heard a"]);
});

Deno.test("FarPlayout has no more than 30 marks pending, and settles the others all the same", () => {
  const { playout, advance, told } = line();
  const marks = Array.from({ length: 100 }, (_, n) => `m${n}`);
  for (const mark of marks) playout.give(audio(1), mark);
  const asked = advance(100).filter(({ what }) => what !== "frame");
  assertEquals(asked.length, 30);
  playout.marked("m29", "playout");
  assertEquals(told.length, 30);
  advance(2000);
  assertEquals(told, marks.map((mark) => `heard ${mark}`));
});

Deno.test("FarPlayout drops all that was not heard, in order", () => {
  const { playout, advance, told } = line();
  for (const mark of ["a", "b", "c"]) playout.give(audio(200), mark);
  advance(100);
  playout.clear();
  assertEquals(told, ["dropped a", "dropped b", "dropped c"]);
  assertEquals(playout.due(), { items: [], againInMs: undefined });
  playout.give(audio(20), "d");
  assertEquals(advance(0).map(({ what }) => what), ["frame", "mark d", "frame"]);
});

Deno.test("FarPlayout has the far end drop what it has once, and before anything new", () => {
  const { playout, advance, told } = line();
  playout.give(audio(200), "a");
  advance(100);
  playout.interrupt();
  playout.give(audio(20), "b");
  assertEquals(told, ["dropped a"]);
  assertEquals(advance(0).map(({ what }) => what), ["interruption", "frame", "mark b", "frame"]);
  assertEquals(advance(0), []);
  playout.interrupt();
  playout.clear();
  assertEquals(playout.due().items, [], "there is no far end any more");
});

Deno.test("FarPlayout sends no sample that jambonz would take for the place of a mark", () => {
  const { playout } = line();
  const given = audio(20, -1);
  playout.give(given, "a");
  const [item] = playout.due().items;
  assert(item?.kind === "frame");
  assertEquals(new Set(samplesOf(item.bytes)), new Set([0]));
  assertEquals(new Set(samplesOf(given)), new Set([-1]), "what was given stays as it is");
});

Deno.test("FarPlayout sends whole samples, and takes a piece of nothing as heard in its turn", () => {
  const { playout, advance, told } = line();
  playout.give(new Uint8Array(3), "odd");
  playout.give(new Uint8Array(0), "nothing");
  const out = advance(0);
  assertEquals(out.map(({ what, bytes }) => [what, bytes]), [
    ["frame", 4],
    ["mark odd", 0],
    ["mark nothing", 0],
    ["frame", 2560],
  ]);
  playout.marked("nothing", "playout");
  assertEquals(told, ["heard odd", "heard nothing"]);
});
