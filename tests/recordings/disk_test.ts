/** A slow, full or missing disk ends only the recording. */
import { assertEquals, assertLess } from "@std/assert";
import { WavFile } from "../../recordings/wav_file.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { aRecorder, FakeFile, folderOf, pcm } from "../support/recordings.ts";

/** A recording of two sides in real time. */
async function live(file: FakeFile | Promise<FakeFile>) {
  const recorder = await aRecorder(folderOf(() => file));
  const { recordings, callId, clock, hear } = recorder;
  recordings.attach("s1", callId);
  recordings.start(callId, "app");
  const go = (ms: number) => {
    for (let at = 0; at < ms; at += 20) {
      hear("s1", "audio", pcm(1));
      hear("s1", "play", pcm(2));
      clock.nowMs += 20;
    }
  };
  return { ...recorder, go };
}

Deno.test("Recording writes one second at a time, in order, and the rest at its end", async () => {
  const file = new FakeFile();
  const { recordings, callId, go } = await live(file);
  await recordings.started(callId);
  go(2500);
  await recordings.stop(callId, "enough", "app");
  assertEquals(file.blocksMs, [1000, 1000, 500]);
});

Deno.test("Recording never waits for the disk, and bounds its queue", async () => {
  const file = new FakeFile();
  const { recordings, callId, calls, reports, events, ended, go } = await live(file);
  await recordings.started(callId);
  file.hold();
  go(10_000);
  assertEquals(recordings.isRecording(callId), true);
  go(3000);
  assertEquals(recordings.isRecording(callId), false);
  go(60_000);
  assertEquals((await events()).length, 1, "it has not ended while the disk is held");
  file.release();
  const { actor, data } = await ended();
  const reason = "The disk is too slow: more than 10 s of audio are queued";
  assertEquals([actor, (data as { reason: string }).reason], ["us", reason]);
  const writtenMs = file.blocksMs.reduce((sum, ms) => sum + ms, 0);
  assertLess(writtenMs, 12_000);
  assertEquals([writtenMs >= 10_000, file.completed], [true, true], "what waited is written");
  assertEquals(await reports.next(), ["recording failed", { call: callId, reason }]);
  assertEquals(calls.call(callId)?.state, "ringing", "the call goes on");
});

Deno.test("Recording accepts audio while its file is being opened, up to a limit", async () => {
  const opened = Promise.withResolvers<FakeFile>();
  const { recordings, callId, ended, go } = await live(opened.promise);
  go(9000);
  assertEquals(recordings.isRecording(callId), true);
  go(2000);
  assertEquals(recordings.isRecording(callId), false);
  const file = new FakeFile();
  opened.resolve(file);
  await ended();
  assertEquals(file.blocksMs.slice(0, 10), Array(10).fill(1000));
});

Deno.test("Recording ends when its file cannot be created, and says why", async () => {
  const { recordings, callId, reports, events, ended, go } = await live(
    Promise.reject(new Error("Read-only file system")),
  );
  const reason = "Cannot make the file: Read-only file system";
  assertEquals(await recordings.started(callId), reason);
  go(1000);
  await ended();
  assertEquals((await events()).map(({ type, data }) => ({ type, data })), [
    { type: "recording_ended", data: { durationMs: 0, bytes: 0, reason } },
  ]);
  assertEquals(await reports.next(), ["recording failed", { call: callId, reason }]);
});

Deno.test("Recording ends on a full disk, and keeps what is on it", async () => {
  const file = new FakeFile();
  const { ended, go } = await live(file);
  go(1500);
  await file.blocks.next();
  file.fail(new Error("No space left on device"));
  go(1500);
  const reason = "Cannot write the file: No space left on device";
  assertEquals((await ended()).data, { durationMs: 1000, bytes: 32_044, reason });
});

Deno.test("Recording ends when its file is full", async () => {
  const file = new FakeFile();
  const { reports, ended, go } = await live(file);
  file.full = true;
  go(1500);
  const reason = "The file is as long as a WAV file can be";
  assertEquals((await ended()).data, { durationMs: 0, bytes: 44, reason });
  assertEquals(reports.all, []);
});

Deno.test("Recording ends in the record as soon as that can be written again", async () => {
  const file = new FakeFile();
  const { recordings, callId, store, events } = await live(file);
  await recordings.started(callId);
  store.failNext(new StoreUnavailable("the disk is full"));
  await recordings.stop(callId, "enough", "app");
  assertEquals(file.completed, true, "nobody waits for the record");
  assertEquals((await events()).map(({ type }) => type), ["recording_started", "recording_ended"]);
});

Deno.test("WavFile writes no partial sample, and reports its length", async () => {
  const path = await Deno.makeTempFile();
  const file = await WavFile.create(path);
  assertEquals(file.length, { durationMs: 0, bytes: 44 });
  await file.write(new Uint8Array(33));
  assertEquals(file.length, { durationMs: 1, bytes: 76 });
  assertEquals([file.hasRoom(2 ** 30), file.hasRoom(2 ** 31)], [true, false]);
  await file.complete();
  assertEquals((await Deno.stat(path)).size, 76);
  await Deno.remove(path);
});
