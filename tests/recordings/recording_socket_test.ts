/** Recording over real sockets: the file has the audio of both sides, sample for sample. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { AppFile, serverWith } from "../support/apps.ts";
import type { Client } from "../support/client.ts";
import { answerTo } from "../support/http.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { inboundCall, jambonzCall, QUIET_INBOUND, said as says, watch } from "../support/lines.ts";
import { BINARY, frameBytes, RawSocket, TEXT } from "../support/raw_socket.ts";
import { frames, RecordingsFolder, said, voice } from "../support/recorded.ts";
import { TestServer } from "../support/server.ts";

/** The caller's audio and the app's, with different samples. */
const CALLER = voice(400, 1000);
const OURS = voice(300, -20_000);

/** Reads the caller's audio, then plays ours. */
const HEARS_AND_SAYS = `
  let heard = 0;
  for await (const event of call) {
    if (event.kind === "audio" && (heard += event.bytes.length) === ${CALLER.byteLength}) break;
  }
  await call.play(new Uint8Array(Int16Array.from({ length: ${OURS.length} },
    (_, i) => ${OURS[0]} + i).buffer));
`;

function speak(line: Client, samples: Int16Array<ArrayBuffer>): void {
  for (const frame of frames(samples)) line.send(frame);
}

/** The recording of a call by its platform's id, once it is complete. */
async function recordingOf(server: TestServer, platformId: string, line: "inbound" | "jambonz") {
  const call = await server.call(line, platformId, ({ recording }) => recording === "over");
  const response = await answerTo(server.http(`/api/v1/calls/${call.id}/recording`));
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "audio/wav");
  const wav = new Uint8Array(await response.arrayBuffer());
  const events = await server.record(call);
  const recorded = events.filter(({ type }) => type.startsWith("recording_"));
  assertEquals(recorded.map(({ type }) => type), ["recording_started", "recording_ended"]);
  const { actor, data } = recorded[1]!;
  const { durationMs, bytes, reason } = data as Record<string, unknown>;
  assertEquals(bytes, wav.length);
  assertEquals(durationMs, Math.round((wav.length - 44) / 32));
  return { wav, actor, reason, startedBy: recorded[0]!.actor };
}

Deno.test("call.record(): the caller is on the left and the app on the right, exactly", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`
    call.record();
    call.record();
    call.answer();
    ${HEARS_AND_SAYS}
  `);
  await using server = await serverWith(app.path, { settings: folder.settings });
  await using line = await inboundCall(server);
  speak(line, CALLER);
  await line.next({ event: "hangup" });
  await line.close();
  const { wav, reason, actor, startedBy } = await recordingOf(server, "in-1", "inbound");
  assertEquals(said(wav), { left: [...CALLER], right: [...OURS] });
  assertEquals([reason, actor, startedBy], ["the call ended", "us", "app"]);
  assertEquals(wav, await Deno.readFile(folder.file((await server.call("inbound", "in-1")).id)));
});

Deno.test("call.stopRecording() ends it; a second call.record() throws, and the call continues", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`
    call.record();
    let frames = 0;
    call.answer();
    for await (const { kind, bytes } of call) {
      if (kind === "audio") await call.play(bytes.slice());
      if (kind === "audio" && ++frames === 5) call.stopRecording();
      if (frames === 8) break;
    }
    try { call.record(); } catch (error) { call.note(error.name + ": " + error.message); }
    await call.play(new Uint8Array(320).fill(9), { name: "after" });
  `);
  await using server = await serverWith(app.path, { settings: folder.settings });
  await using line = await inboundCall(server);
  const samples = voice(160);
  // One after the other: the app stops before the next.
  for (const frame of frames(samples)) {
    line.send(frame);
    await line.nextAudio();
  }
  await line.next({ event: "hangup" });
  await line.close();
  const { wav, reason, actor } = await recordingOf(server, "in-1", "inbound");
  assertEquals([reason, actor], ["the app stopped it", "app"]);
  const { left, right } = said(wav);
  assertEquals([left.slice(0, 800), right], [[...samples.slice(0, 800)], [...left.slice(0, 800)]]);
  const call = await server.call("inbound", "in-1");
  const notes = (await server.record(call)).flatMap((event) =>
    event.type === "note" ? [event.data.text] : []
  );
  assertEquals(notes, [`CannotRecord: Cannot record call ${call.id} again: its recording is over`]);
});

Deno.test("call.record() after the disk accepted no file is logged, and the call continues", async () => {
  using folder = new RecordingsFolder();
  const file = `${folder.path}/a file`;
  Deno.writeTextFileSync(file, "");
  using app = new AppFile(`
    call.record();
    call.answer();
    for await (const { kind } of call) {
      if (kind !== "dtmf") continue;
      call.record();
      call.note("goes on");
      return;
    }
  `);
  await using server = await serverWith(app.path, { settings: { RECORDINGS: `${file}/below` } });
  await using line = await inboundCall(server);
  const { id } = await server.call("inbound", "in-1", ({ recording }) => recording === "over");
  line.send({ event: "dtmf", digit: "1" });
  await line.next({ event: "hangup" });
  const events = await server.record(await server.call("inbound", "in-1"));
  assertEquals(events.flatMap(({ type, data }) => type === "note" ? [data.text] : []), [
    `Cannot record call ${id} again: its recording is over`,
    "goes on",
  ]);
});

Deno.test("RECORD=all records the timeline's echo from the answer on, and watchers are not told", async () => {
  using folder = new RecordingsFolder();
  const settings = { ...QUIET_INBOUND, ...folder.settings, RECORD: "all" };
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  await using watcher = await watch(server);
  for (const frame of frames(CALLER)) {
    line.send(frame);
    assertEquals(await line.nextAudio(), frame);
  }
  line.send({ event: "hangup" });
  line.send({ event: "cdr", sessionId: "in-1" });
  assertEquals((await line.whenClosed()).code, 1000);
  const { wav, startedBy } = await recordingOf(server, "in-1", "inbound");
  assertEquals(said(wav), { left: [...CALLER], right: [...CALLER] });
  assertEquals(startedBy, "us");
  assertEquals((await watcher.whenClosed()).code, 1000);
  assertEquals(watcher.messages.map(({ type }) => type), ["event:start", "event:callEnd"]);
  const call = await server.call("inbound", "in-1");
  const types = (await server.record(call)).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "cdr").length, 1);
  assert(types.indexOf("ended") < types.indexOf("recording_ended"), types.join());
});

Deno.test("RECORD=asked records nothing on its own", async () => {
  using folder = new RecordingsFolder();
  await using server = await TestServer.start({ settings: { ...folder.settings } });
  await using line = await inboundCall(server);
  line.send(frames(CALLER)[0]!);
  await line.nextAudio();
  await line.close();
  const call = await server.call("inbound", "in-1", ({ cdr }) => cdr !== null);
  assertEquals(call.recording, undefined);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a jambonz call without audio through us has an empty recording", async () => {
  using folder = new RecordingsFolder();
  await using server = await TestServer.start({
    settings: { ...folder.settings, RECORD: "all" },
  });
  await using line = await jambonzCall(server);
  for (const call_status of ["in-progress", "in-progress", "completed"]) {
    line.send(says("call:status", `st ${call_status}`, { call_status }));
  }
  const { wav, reason } = await recordingOf(server, "sid-1", "jambonz");
  assertEquals([wav.length, reason], [44, "the call ended"]);
});

Deno.test("audio of a jambonz call's second socket is recorded too", async () => {
  using folder = new RecordingsFolder();
  await using server = await TestServer.start({ settings: { ...folder.settings } });
  await using line = await jambonzCall(server);
  const { recordings } = server.server.services;
  const { id } = await server.call("jambonz", "sid-1");
  const session = { id: "audio socket", door: "jambonz audio" };
  using _attached = recordings.attach(session.id, id);
  recordings.start(id, "us");
  await recordings.started(id);
  recordings.observe(session, { kind: "audio", bytes: frames(CALLER)[0]! });
  recordings.observe(session, { kind: "play", bytes: frames(OURS)[0]! });
  line.send(says("call:status", "st", { call_status: "completed" }));
  const { wav } = await recordingOf(server, "sid-1", "jambonz");
  assertEquals(said(wav), { left: [...CALLER.slice(0, 160)], right: [...OURS.slice(0, 160)] });
});

Deno.test("a stopping server completes its recordings first", async () => {
  using folder = new RecordingsFolder();
  const server = await TestServer.start({ settings: { ...folder.settings, RECORD: "all" } });
  await using line = await inboundCall(server);
  const { id } = await server.call("inbound", "in-1");
  speak(line, CALLER);
  for (const _ of frames(CALLER)) await line.nextAudio();
  await server.stop();
  const wav = await Deno.readFile(folder.file(id));
  assertEquals(said(wav).left, [...CALLER]);
  const claimed = new DataView(wav.buffer).getUint32(40, true);
  assertEquals(claimed, wav.length - 44);
  assertGreaterOrEqual(claimed, CALLER.byteLength * 2);
});

Deno.test("call.record(), jambonz: the audio socket's audio is on the left, ours on the right", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`
    call.answer();
    call.record();
    ${HEARS_AND_SAYS}
  `);
  await using server = await serverWith(app.path, { settings: folder.settings });
  await using line = await jambonzCall(server);
  await using audio = await audioSocket(server);
  speak(audio, CALLER);
  const { data } = await audio.next({ type: "mark" }) as { data: { name: string } };
  audio.send({ type: "mark", data: { ...data, event: "playout" } });
  await line.next({ command: "redirect" });
  line.send(says("call:status", "over", { call_status: "completed" }));
  const { wav } = await recordingOf(server, "sid-1", "jambonz");
  assertEquals(said(wav), { left: [...CALLER], right: [...OURS] });
});

Deno.test("call.record(), jambonz: audio received in one read with the first frame is recorded", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`
    call.answer();
    call.record();
    ${HEARS_AND_SAYS}
  `);
  await using server = await serverWith(app.path, { settings: folder.settings });
  await using line = await jambonzCall(server);
  const headers = { "sec-websocket-protocol": "audio.jambonz.org" };
  using audio = await RawSocket.open(server.port, "/jambonz/audio", headers);
  const metadata = { callSid: "sid-1", sampleRate: 8000, mixType: "mono" };
  const first = { opcode: TEXT, payload: new TextEncoder().encode(JSON.stringify(metadata)) };
  const voiced = frames(CALLER).map((payload) => ({ opcode: BINARY, payload }));
  await audio.write(Uint8Array.from([first, ...voiced].flatMap((each) => [...frameBytes(each)])));
  const { data } = await audio.next({ type: "mark" }) as { data: { name: string } };
  await audio.send({ type: "mark", data: { ...data, event: "playout" } });
  await line.next({ command: "redirect" });
  line.send(says("call:status", "over", { call_status: "completed" }));
  const { wav } = await recordingOf(server, "sid-1", "jambonz");
  assertEquals(said(wav), { left: [...CALLER], right: [...OURS] });
});

Deno.test("RECORD=all requests the audio of a jambonz call whose app does not listen to it", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`await call.gather({ say: "Key?", digits: 1 });`);
  const settings = { ...folder.settings, RECORD: "all" };
  await using server = await serverWith(app.path, { settings });
  await using line = await jambonzCall(server);
  line.send(says("call:status", "up", { call_status: "in-progress" }));
  const { data } = await line.next({ command: "config" }) as { data: { listen: unknown } };
  assert(data.listen !== undefined);
  await using audio = await audioSocket(server);
  const words = voice(1000);
  speak(audio, words);
  // The line sends silence: the file follows the time.
  const silence = setInterval(() => audio.send(new Uint8Array(320)), 20);
  await folder.holds((await server.call("jambonz", "sid-1")).id, 1000);
  clearInterval(silence);
  line.send(says("call:status", "over", { call_status: "completed" }));
  await audio.whenClosed();
  const { wav } = await recordingOf(server, "sid-1", "jambonz");
  const { left, right } = said(wav);
  assertEquals(left, [...words]);
  assertEquals(right, []);
});
