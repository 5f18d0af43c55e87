/** One gather, and the pacing of what is played, on a clock that the test moves. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { checkLine, type GatherOptions, UnsupportedOnLine } from "../../calls/app.ts";
import { InboundGather } from "../../app_host/inbound/inbound_gather.ts";
import { pcmOfBytes } from "../../app_host/playable.ts";
import { PacedPlayout } from "../../app_host/inbound/paced_playout.ts";
import { writeWav } from "../support/write_wav.ts";
import { frame } from "../support/apps.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** The result of a gather after these keys, 100 ms apart. */
async function after(options: GatherOptions, keys: string, waitMs = 0) {
  using clock = new FakeClock();
  const gathering = new InboundGather(options);
  gathering.listen();
  const taken = [...keys].map((key) => {
    clock.advance(100);
    return gathering.key(key);
  });
  clock.advance(waitMs);
  gathering.end("ended");
  return { ...await gathering.done, taken: taken.filter((it) => it).length };
}

Deno.test("Gathering ends at the number of digits, the finish key, a pause, or silence", async () => {
  assertEquals(await after({ digits: 2 }, "123"), {
    by: "digits",
    digits: "12",
    speech: "",
    taken: 2,
  });
  assertEquals(await after({}, "12#4"), { by: "digits", digits: "12", speech: "", taken: 3 });
  assertEquals(await after({ finishOn: "" }, "1#", 2999), {
    by: "ended",
    digits: "1#",
    speech: "",
    taken: 2,
  });
  assertEquals((await after({}, "1", 3000)).by, "digits");
  assertEquals((await after({}, "", 9999)).by, "ended");
  assertEquals((await after({}, "", 10_000)).by, "timeout");
  assertEquals((await after({ timeoutMs: 50 }, "", 50)).by, "timeout");
  assertEquals((await after({ digits: 0, speech: true }, "1")).taken, 0);
});

Deno.test("Gathering accepts speech only when speech was requested", async () => {
  const deaf = new InboundGather({});
  assertEquals(deaf.words("hello"), false);
  const hears = new InboundGather({ speech: true });
  assertEquals(hears.words("hello"), true);
  assertEquals(await hears.done, { by: "speech", digits: "", speech: "hello" });
  assertEquals(hears.words("more"), false);
});

/** A playout on a clock that only the test moves, and how often it woke its session. */
function paced() {
  const line = { nowMs: 0, woken: 0, heard: [] as string[] };
  const playout = new PacedPlayout({
    wake: () => void line.woken++,
    played: (name) => line.heard.push(name),
    cannotPlay() {},
  }, () => line.nowMs);
  return Object.assign(line, { playout });
}

Deno.test("PacedPlayout says when to ask again, and what happened to each piece", async () => {
  const line = paced();
  const { playout } = line;
  const nothing = { interrupts: false, frames: [], againInMs: undefined };
  assertEquals([playout.idle, playout.due()], [true, nothing]);
  const first = playout.play(new Uint8Array(640), "a");
  assertEquals(playout.due().againInMs, 20);
  line.nowMs = 20.5;
  assertEquals(playout.due().againInMs, 20, "rounded up");
  line.nowMs = 41;
  assertEquals([playout.due().againInMs, playout.idle, line.heard], [undefined, true, ["a"]]);
  const second = playout.play(frame(1), "b");
  playout.drop();
  assertEquals([playout.idle, await first, await second], [true, "heard", "dropped"]);
});

Deno.test("PacedPlayout starts a piece when the session asks, however late", () => {
  const line = paced();
  line.playout.play(new Uint8Array(3200));
  line.nowMs = 90;
  assertEquals(line.playout.due().frames.length, 1, "the call was answered just now");
});

Deno.test("PacedPlayout wakes its session once for many pieces, and again after it was asked", () => {
  const line = paced();
  for (let count = 0; count < 3000; count++) line.playout.play(frame(1));
  assertEquals(line.woken, 1);
  line.playout.due();
  line.playout.play(frame(2));
  assertEquals(line.woken, 2);
});

Deno.test("PacedPlayout clears the platform's buffer once, before anything new", async () => {
  const { playout } = paced();
  const dropped = playout.play(frame(1));
  playout.due();
  playout.interrupt();
  playout.play(frame(2));
  const due = playout.due();
  assertEquals([due.interrupts, due.frames], [true, [frame(2)]]);
  assertEquals([await dropped, playout.due().interrupts], ["dropped", false]);
});

Deno.test("pcmOfBytes() makes 8 kHz mono of any WAV file, and leaves PCM as it is", () => {
  const samples = Int16Array.from({ length: 320 }, (_, i) => i);
  const mono = pcmOfBytes(writeWav({ sampleRate: 8000, channels: 1, samples }));
  assertEquals(new Int16Array(mono.buffer), samples);
  assertEquals(pcmOfBytes(writeWav({ sampleRate: 8000, channels: 2, samples })).length, 320);
  assertEquals(pcmOfBytes(writeWav({ sampleRate: 16_000, channels: 1, samples })).length, 320);
  const pcm = frame(1);
  assertStrictEquals(pcmOfBytes(pcm), pcm);
});

Deno.test("checkLine() throws an error that names the alternative", () => {
  checkLine("say", "jambonz");
  assertThrows(
    () => checkLine("say", "inbound"),
    UnsupportedOnLine,
    "use prompt with text and a recording",
  );
});
