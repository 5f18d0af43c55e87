/** Which audio of which session enters the recording of which call, and when. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import type { NewRecordEvent } from "../../calls/call_record.ts";
import { WavFolder } from "../../recordings/folder.ts";
import { CannotRecord } from "../../recordings/recordings.ts";
import { EMPTY_CDR } from "../support/empty_cdr.ts";
import { aRecorder, FakeFile, folderOf, pcm } from "../support/recordings.ts";

const ENDED: NewRecordEvent = {
  type: "ended",
  actor: "line",
  data: { by: "caller", reason: "bye" },
};

/** The samples of each side of a file, with runs of equal ones merged. */
async function runs(path: string): Promise<{ left: number[]; right: number[] }> {
  const { samples, channels, sampleRate, truncated } = readWav(await Deno.readFile(path));
  assertEquals([channels, sampleRate, truncated], [2, 8000, false]);
  const side = (offset: 0 | 1) => {
    const its = [...samples].filter((_, i) => i % 2 === offset);
    return its.filter((sample, i) => sample !== its[i - 1]);
  };
  return { left: side(0), right: side(1) };
}

class TempFolder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "tipring-" });

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("Recordings: the caller is on the left and we are on the right", async () => {
  await using temp = new TempFolder();
  // The folder is created with the first file.
  const folder = new WavFolder(`${temp.path}/a/b`);
  const { recordings, callId, clock, hear, events } = await aRecorder(folder);
  using _mine = recordings.attach("s1", callId);
  using _other = recordings.attach("s2", "another call");
  hear("s1", "audio", pcm(1));
  recordings.start(callId, "app");
  for (let i = 0; i < 100; i++) {
    hear("s1", "audio", pcm(2));
    hear("s1", "play", pcm(3));
    hear("s2", "audio", pcm(4));
    hear("s3", "play", pcm(5));
    clock.nowMs += 20;
  }
  await recordings.stop(callId, "enough", "user 7");
  hear("s1", "audio", pcm(6));
  assertEquals(await runs(recordings.pathOf(callId)), { left: [2], right: [3] });
  const { size } = await Deno.stat(`${temp.path}/a/b/${callId}.wav`);
  assertEquals(size, 44 + 2000 * 32);
  assertEquals((await events()).map(({ type, actor, data }) => ({ type, actor, data })), [
    { type: "recording_started", actor: "app", data: {} },
    {
      type: "recording_ended",
      actor: "user 7",
      data: { durationMs: 2000, bytes: size, reason: "enough" },
    },
  ]);
});

Deno.test("Recordings.observe() observes nothing while nothing is recorded", async () => {
  const { recordings, callId } = await aRecorder(folderOf(() => new FakeFile()));
  const untouchable = new Proxy({}, {
    get: (_, name) => {
      throw new Error(`${String(name)} was read`);
    },
  });
  const look = () => recordings.observe(untouchable as never, untouchable as never);
  look();
  using _mine = recordings.attach("s1", callId);
  look();
  recordings.start(callId, "app");
  assertThrows(look, Error, "was read");
  await recordings.stop(callId, "enough", "app");
  look();
});

Deno.test("Recordings.attach() follows sessions that come and go while the call is recorded", async () => {
  const file = new FakeFile();
  const { recordings, callId, clock, hear } = await aRecorder(folderOf(() => file));
  recordings.start(callId, "app");
  const first = recordings.attach("s1", callId);
  hear("s1", "audio", pcm(1, 500));
  first[Symbol.dispose]();
  hear("s1", "audio", pcm(2, 500));
  clock.nowMs += 500;
  using _second = recordings.attach("s2", callId);
  hear("s2", "audio", pcm(3, 500));
  await recordings.stop(callId, "enough", "app");
  const samples = new Int16Array(file.blocks.all[0]!.slice().buffer);
  assertEquals([samples[0], samples[7999], samples[8000], samples[15_998]], [1, 0, 3, 3]);
  assertEquals([file.blocksMs, file.completed], [[1000], true]);
});

Deno.test("Recordings.start() records a call once", async () => {
  const files: FakeFile[] = [];
  const { recordings, callId, calls, events } = await aRecorder(folderOf(() => {
    files.push(new FakeFile());
    return files.at(-1)!;
  }));
  assertThrows(() => recordings.start("1b2c", "app"), CannotRecord, "call 1b2c: it is over");
  recordings.start(callId, "app");
  recordings.start(callId, "app");
  const stopped = recordings.stop(callId, "enough", "app");
  const again = `Cannot record call ${callId} again: its recording is over`;
  assertThrows(() => recordings.start(callId, "app"), CannotRecord, again);
  await stopped;
  assertThrows(() => recordings.start(callId, "app"), CannotRecord, again);
  await recordings.stop(callId, "once more", "app");
  assertEquals([files.length, (await events()).length], [1, 2]);
  await calls.record(callId, ENDED);
  assertThrows(() => recordings.start(callId, "app"), CannotRecord, "it is over");
});

Deno.test("Recordings: a recording ends with its call, which stays open until then", async () => {
  const file = new FakeFile();
  const { recordings, callId, calls, ended } = await aRecorder(folderOf(() => file));
  using _mine = recordings.attach("s1", callId);
  recordings.start(callId, "app");
  assertEquals(await recordings.started(callId), undefined);
  assertEquals(calls.call(callId)?.recording, "on");
  const told: string[] = [];
  using _following = calls.follow(callId, ({ type }) => told.push(type));
  file.hold();
  await calls.record(callId, ENDED);
  assertEquals(recordings.isRecording(callId), false);
  const cdr = { cdr: CDR };
  await calls.record(callId, { type: "cdr", actor: "us", data: cdr });
  assertEquals(calls.call(callId)?.recording, "on", "nothing is over before its file is");
  file.release();
  assertEquals((await ended()).data, { durationMs: 0, bytes: 44, reason: "the call ended" });
  assertEquals(calls.call(callId), undefined);
  assertEquals(told, ["ended", "cdr", "recording_ended"]);
});

Deno.test("Recordings: a call that ends while its file is being opened has a complete record", async () => {
  const opened = Promise.withResolvers<FakeFile>();
  const { recordings, callId, calls, hear, events } = await aRecorder(
    folderOf(() => opened.promise),
  );
  using _mine = recordings.attach("s1", callId);
  recordings.start(callId, "app");
  hear("s1", "audio", pcm(1, 100));
  await calls.record(callId, ENDED);
  await calls.record(callId, { type: "cdr", actor: "us", data: { cdr: CDR } });
  assertEquals(calls.call(callId), undefined);
  const file = new FakeFile();
  opened.resolve(file);
  await recordings.stop(callId, "late", "app");
  assertEquals((await events()).map(({ seq, type }) => [seq, type]), [
    [4, "recording_started"],
    [5, "recording_ended"],
  ]);
  assertEquals([file.blocksMs, file.completed], [[100], true]);
});

Deno.test("Recordings.answered() starts recording if all calls are recorded", async () => {
  for (const all of [true, false]) {
    const { recordings, callId, calls } = await aRecorder(
      folderOf(() => new FakeFile()),
      { all },
    );
    recordings.answered(callId);
    recordings.answered(callId);
    recordings.answered("unknown");
    assertEquals(recordings.isRecording(callId), all);
    await recordings.stopAll("the server stopped");
    assertEquals(calls.call(callId)?.recording, all ? "over" : undefined);
    recordings.answered(callId);
    assertEquals(recordings.isRecording(callId), false, "it is not recorded again");
  }
});

Deno.test("Recordings.repair() completes a truncated file", async () => {
  await using temp = new TempFolder();
  const folder = new WavFolder(temp.path);
  const { recordings, callId, reports } = await aRecorder(folder);
  const file = await folder.create(callId);
  await file.write(new Uint8Array(32_000).fill(7));
  const cut = await Deno.readFile(folder.pathOf(callId));
  assertEquals(readWav(cut).samples.length, 16_000, "it is readable as it is");
  await file.complete();
  // As a killed server leaves it, in the middle of a sample.
  await Deno.writeFile(folder.pathOf(callId), cut.subarray(0, cut.length - 3));
  assertEquals((await recordings.repair(callId)).data, {
    durationMs: 1000,
    bytes: 32_040,
    reason: "cut off: the server stopped while it was on",
  });
  const whole = await Deno.readFile(folder.pathOf(callId));
  assertEquals(new DataView(whole.buffer).getUint32(40, true), 31_996);
  assertEquals([whole.length, readWav(whole).truncated], [32_040, false]);
  await Deno.writeFile(folder.pathOf(callId), new Uint8Array(5));
  const { data } = await recordings.repair(callId);
  assertEquals(data, { durationMs: 0, bytes: 44, reason: REASON });
  assertEquals(reports.all, []);
  const gone = await recordings.repair("gone");
  assert(gone.type === "recording_ended" && gone.data.bytes === 0);
  assert(gone.data.reason.startsWith(`${REASON}, and its file cannot be repaired: No such file`));
  assertEquals(reports.all[0]?.[0], "recording cannot be repaired");
});

const REASON = "cut off: the server stopped while it was on";
const CDR = { ...EMPTY_CDR, madeByUs: true };

Deno.test("Recordings.attach() receives what a protocol reports, and the tap's audio after it is gone", async () => {
  await using temp = new TempFolder();
  const { recordings, callId, clock, hear } = await aRecorder(new WavFolder(temp.path));
  const telling = recordings.attach("s1", callId, "protocol");
  recordings.start(callId, "app");
  for (let i = 0; i < 10; i++) {
    hear("s1", "audio", pcm(1));
    telling.hear(pcm(2));
    clock.nowMs += 20;
  }
  telling[Symbol.dispose]();
  using _tapped = recordings.attach("s1", callId);
  for (let i = 0; i < 10; i++) {
    hear("s1", "audio", pcm(3));
    clock.nowMs += 20;
  }
  await recordings.stop(callId, "enough", "app");
  assertEquals((await runs(recordings.pathOf(callId))).left, [2, 3]);
});
