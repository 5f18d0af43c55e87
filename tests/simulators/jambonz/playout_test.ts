/** How a simulated jambonz server plays an application's audio: buffers, marks, files. */
import { assertEquals } from "@std/assert";
import { bytesOf, samplesOf } from "../../../audio/pcm.ts";
import { writeWav } from "../../support/write_wav.ts";
import { FilePlayer } from "../../../simulators/jambonz/file_player.ts";
import { Mix } from "../../../simulators/jambonz/mix.ts";
import { FRAME_SAMPLES, Playout, type Tick } from "../../../simulators/jambonz/playout.ts";
import { loud } from "../../support/audio_application.ts";

/** The next ticks in short: `160` samples heard, `m played`, `m cleared`, `killed`. */
function ticks(playout: Playout, count: number): string[] {
  return Array.from({ length: count }, () => tickText(playout.tick()));
}

function tickText({ frame, samples, told, killed }: Tick): string {
  const marks = told.map(({ name, event }) => `${name} ${event}`);
  const heard = frame === undefined ? [] : [`${samples}`];
  return [...killed ? ["killed"] : [], ...heard, ...marks].join(", ") || "-";
}

Deno.test("Playout plays nothing until 160 ms are buffered", () => {
  const playout = new Playout();
  playout.give(loud(159));
  assertEquals(ticks(playout, 2), ["-", "-"]);
  playout.give(loud(1));
  assertEquals(ticks(playout, 9), [...Array(8).fill("160"), "-"]);
});

Deno.test("Playout continues in pieces of 80 ms, and waits for more if it has less", () => {
  const playout = new Playout();
  playout.give(loud(160));
  ticks(playout, 8);
  playout.give(loud(79));
  assertEquals(ticks(playout, 1), ["-"]);
  playout.give(loud(11));
  assertEquals(ticks(playout, 6), ["160", "160", "160", "160", "80", "-"]);
});

Deno.test("Playout keeps half a sample for the next frame", () => {
  const playout = new Playout();
  const audio = bytesOf(Int16Array.from({ length: 1280 }, (_, index) => index));
  playout.give(audio.subarray(0, 641));
  playout.give(audio.subarray(641));
  const heard = Array.from({ length: 8 }, () => [...playout.tick().frame!]).flat();
  assertEquals(heard, Array.from(samplesOf(audio)));
});

Deno.test("Playout reports a mark when the audio before it has been played", () => {
  const playout = new Playout();
  playout.give(loud(160));
  playout.marks.add("m");
  assertEquals(ticks(playout, 1), ["160"]);
  playout.give(loud(160));
  // The place of a mark takes the place of a sample in the frame that holds it.
  assertEquals(ticks(playout, 8), [...Array(7).fill("160"), "159, m playout"]);
  assertEquals(ticks(playout, 9), [...Array(7).fill("160"), "1", "-"]);
});

Deno.test("Playout reports queued marks one after the other when there is no audio", () => {
  const playout = new Playout();
  for (const name of ["a", "b"]) playout.marks.add(name);
  assertEquals(ticks(playout, 3), ["a playout", "b playout", "-"]);
});

Deno.test("Playout drops a mark beyond the thirtieth", () => {
  const playout = new Playout();
  const kept = Array.from({ length: 31 }, (_, number) => playout.marks.add(`m${number}`));
  assertEquals(kept.indexOf(false), 30);
  assertEquals(playout.marks.has("m30"), false);
});

Deno.test("Playout reads a sample of -1 as a mark, only while a mark is in the audio", () => {
  const playout = new Playout();
  const quiet = bytesOf(new Int16Array(1280).fill(-1));
  playout.give(quiet);
  assertEquals([...playout.tick().frame!], Array(FRAME_SAMPLES).fill(-1));
  playout.marks.add("m");
  playout.give(loud(80));
  // The mark follows 160 ms of audio and is reported immediately.
  assertEquals(ticks(playout, 1), ["m playout"]);
});

Deno.test("Playout drops audio at the tick after a killAudio, and reports its marks as cleared", () => {
  const playout = new Playout();
  playout.marks.add("placed");
  playout.give(loud(1000));
  playout.marks.add("waiting");
  playout.kill();
  assertEquals(ticks(playout, 2), ["killed, placed cleared, waiting cleared", "-"]);
});

Deno.test("Playout keeps audio that is still being buffered over a killAudio", () => {
  const playout = new Playout();
  playout.give(loud(160));
  playout.give(loud(60));
  playout.kill();
  assertEquals(ticks(playout, 2), ["killed", "-"]);
  playout.give(loud(20));
  assertEquals(ticks(playout, 5), ["160", "160", "160", "160", "-"]);
});

Deno.test("Playout mistakes the next marks for those that a killAudio dropped", () => {
  const playout = new Playout();
  playout.marks.add("dropped");
  playout.give(loud(160));
  playout.kill();
  assertEquals(ticks(playout, 1), ["killed, dropped cleared"]);
  for (const name of ["next", "last"]) {
    playout.marks.add(name);
    playout.give(loud(80));
  }
  const told = ticks(playout, 9).filter((tick) => tick.includes("playout"));
  // It is reported at the place of `last`, and `last` never.
  assertEquals(told, ["159, next playout"]);
  assertEquals(playout.marks.has("last"), true);
});

Deno.test("Playout is corrected by samples of -1 after a killAudio", () => {
  const playout = new Playout();
  playout.marks.add("dropped");
  playout.give(loud(160));
  playout.kill();
  ticks(playout, 1);
  playout.give(bytesOf(new Int16Array(640).fill(-1)));
  // All missing places come in the first frame; the rest plays as silence.
  assertEquals(ticks(playout, 5), ["-", "160", "160", "160", "-"]);
  playout.marks.add("next");
  playout.give(loud(80));
  assertEquals(ticks(playout, 8).filter((tick) => tick.includes("next")), ["159, next playout"]);
});

Deno.test("Playout drops marks on clearMarks and plays their audio", () => {
  const playout = new Playout();
  playout.marks.add("m");
  playout.give(loud(160));
  playout.marks.forget();
  assertEquals(ticks(playout, 9), ["159", ...Array(7).fill("160"), "1"]);
});

Deno.test("Playout plays 16 kHz like 8 kHz, with thresholds of the same duration", () => {
  const playout = new Playout(16_000);
  playout.give(loud(2 * 159));
  assertEquals(ticks(playout, 1), ["-"]);
  playout.give(loud(2));
  assertEquals(ticks(playout, 9), [...Array(8).fill("160"), "-"]);
});

Deno.test("FilePlayer plays one file after the other, or replaces it, and reports what it has played", () => {
  const files = new FilePlayer();
  const raw = (id: string, ms: number, queuePlay = true) =>
    files.play({
      audioContent: loud(ms).toBase64(),
      audioContentType: "raw",
      sampleRate: 8000,
      id,
      queuePlay,
    });
  raw("a", 30);
  raw("b", 20);
  const samples = () => files.tick()?.filter((sample) => sample !== 0).length;
  assertEquals([samples(), samples()], [160, 80]);
  assertEquals(files.takeDone().map(({ id, playbackMilliseconds }) => [id, playbackMilliseconds]), [
    ["a", "30"],
  ]);
  raw("c", 20, false);
  assertEquals(files.takeDone().map(({ id }) => id), ["b"]);
  assertEquals([samples(), samples()], [160, undefined]);
  assertEquals(files.takeDone().map(({ id }) => id), ["c"]);
});

Deno.test("FilePlayer plays WAV files of any rate", () => {
  const files = new FilePlayer();
  const wav = writeWav({ sampleRate: 16_000, channels: 1, samples: new Int16Array(640).fill(9) });
  files.play({ audioContent: wav.toBase64(), audioContentType: "wav" });
  const heard = [files.tick(), files.tick(), files.tick()];
  assertEquals(heard.map((frame) => frame?.length), [160, 160, undefined]);
});

Deno.test("Mix sends the caller only, both side by side, or both mixed", () => {
  const caller = new Int16Array(FRAME_SAMPLES).fill(30_000);
  const heard = new Int16Array(FRAME_SAMPLES).fill(5000);
  const first = (type: "mono" | "stereo" | "mixed") =>
    [...samplesOf(new Mix(type, 8000).frame(caller, heard))].slice(0, 2);
  assertEquals(first("mono"), [30_000, 30_000]);
  assertEquals(first("stereo"), [30_000, 5000]);
  assertEquals(first("mixed"), [32_767, 32_767]);
  assertEquals(new Mix("mono", 24_000).frame(caller, heard).length, 960);
});
