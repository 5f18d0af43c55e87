/** Recordings of a server that is killed, or whose disk is full. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import { AppFile } from "../support/apps.ts";
import type { Client } from "../support/client.ts";
import { FullDisk } from "../support/full_disk.ts";
import { answerTo } from "../support/http.ts";
import { LastingServer, type RecordedEvent } from "../support/lasting_server.ts";
import { frames, RecordingsFolder, said as heard, voice } from "../support/recorded.ts";
import { pressed, said } from "../support/site.ts";

const QUIET = { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" };
const NEVER = { JAMBONZ_RECONNECT_WAIT_MS: "never" };
const CUT_OFF = "cut off: the server stopped while it was on";
const SAID = voice(2000);

/** The audio of the caller, which is echoed. */
async function say(line: Client, samples = SAID): Promise<void> {
  for (const frame of frames(samples)) {
    line.send(frame);
    await line.nextAudio();
  }
}

function ofRecording(record: RecordedEvent[]): RecordedEvent[] {
  return record.filter(({ type }) => type.startsWith("recording_"));
}

Deno.test("a killed server leaves a readable recording, and completes it after the restart", async () => {
  using folder = new RecordingsFolder();
  await using server = await LastingServer.start({ ...QUIET, ...folder.settings, RECORD: "all" });
  await using line = await server.inboundCall("in-1");
  const { id } = await server.call("in-1");
  await say(line);
  await folder.holds(id, 1000);
  await server.kill();
  await line.whenClosed();
  const left = await Deno.readFile(folder.file(id));
  const { channels, samples } = readWav(left);
  assertEquals(channels, 2);
  assert(samples.length >= 16_000, "a second of both sides");
  assertEquals(heard(left).left, [...SAID.slice(0, heard(left).left.length)]);

  await server.startAgain();
  assertEquals(server.types(id), [
    "started",
    "answered",
    "recording_started",
    "recording_ended",
    "ended",
    "cdr",
  ]);
  const [, ended] = ofRecording(server.record(id));
  assertEquals([ended!.actor, ended!.data.reason], ["us", CUT_OFF]);
  const response = await answerTo(`http://127.0.0.1:${server.port}/api/v1/calls/${id}/recording`);
  const wav = await response.bytes();
  assertEquals([response.status, wav.length], [200, ended!.data.bytes]);
  assertEquals(new DataView(wav.buffer).getUint32(40, true), wav.length - 44);
  assertEquals(heard(wav), heard(left));

  await server.kill();
  await server.startAgain();
  assertEquals(ofRecording(server.record(id)).length, 2, "it has ended once");
});

Deno.test("a call that is over except for its recording is closed after a kill", async () => {
  using folder = new RecordingsFolder();
  await using server = await LastingServer.start({ ...QUIET, ...folder.settings, RECORD: "all" });
  await using line = await server.inboundCall("in-1");
  const { id } = await server.call("in-1", ({ recording }) => recording === "on");
  line.send({ event: "hangup" });
  line.send({ event: "cdr", sessionId: "in-1", disposition: "ANSWERED" });
  await server.call("in-1", ({ recording, cdr }) => recording === "over" && cdr !== null);
  await server.kill();
  // As if it had died before the file was complete.
  server.change(`DELETE FROM events WHERE type = 'recording_ended'`);
  server.change(
    `UPDATE calls SET open = 1, doc = replace(doc, '"recording":"over"', '"recording":"on"')`,
  );
  await server.startAgain();
  const types = server.types(id);
  assertEquals(types.filter((type) => type === "cdr" || type === "ended"), ["ended", "cdr"]);
  assertEquals(types.at(-1), "recording_ended");
  const call = await server.rest("GET", `/calls/${id}`);
  assertEquals([call.recording, call.cdr.madeByUs], ["over", false]);
});

Deno.test("a jambonz call that continues after a kill is no longer recorded, and its app does not fail", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`
    call.record();
    while (!call.ended) {
      const { by, digits } = await call.gather({ say: "Press a key", digits: 1 });
      if (by === "digits") call.note("pressed " + digits);
    }
  `);
  const settings = { ...NEVER, ...folder.settings, APP: app.path };
  await using server = await LastingServer.start(settings);
  await using lost = await server.jambonzCall("sid-1");
  const { id } = await server.call("sid-1", ({ recording }) => recording === "on");
  await server.kill();
  await lost.whenClosed();
  await server.startAgain();
  const [, ended] = ofRecording(server.record(id));
  assertEquals(ended!.data, { durationMs: 0, bytes: 44, reason: CUT_OFF });
  const call = await server.rest("GET", `/calls/${id}`);
  assertEquals([call.state === "ended", call.recording], [false, "over"]);

  await using line = await server.jambonz();
  line.send(said("session:reconnect", "back", "sid-1"));
  await line.next({ type: "ack", msgid: "back" });
  await line.next({ command: "redirect" });
  line.send({ ...pressed("1", "sid-1", line), hook: "/of/another/gather" });
  await line.next({ type: "ack", msgid: "pressed 1" });
  line.send(pressed("2", "sid-1", line));
  await line.next({ type: "ack", msgid: "pressed 2" });
  await server.call(
    "sid-1",
    () => server.record(id).some(({ data }) => data.text === "pressed 2"),
  );
  const again = await server.ask("POST", `/api/v1/calls/${id}/recording`, { action: "start" });
  assertEquals(again.status, 409);
  const notes = server.record(id).filter(({ type }) => type === "note");
  assertEquals(notes.map(({ data }) => data.text), [
    `Cannot record call ${id} again: its recording is over`,
    "pressed 2",
  ]);
  assertEquals(ofRecording(server.record(id)).length, 2);
});

Deno.test("a full disk ends the recording with the reason, and the call continues", async () => {
  using folder = new RecordingsFolder();
  const settings = { ...QUIET, ...folder.settings, RECORD: "all" };
  await using site = await FullDisk.start(settings);
  await using line = await site.inboundCall("in-1");
  const { id } = await site.call("in-1");
  await say(line);
  await folder.holds(id, 1000);
  await site.fillUp();
  await say(line, voice(3000, 5000));
  await site.makeSpace();
  await site.call("in-1", ({ recording }) => recording === "over");
  await say(line, voice(100));
  const { data } = site.record(id).find(({ type }) => type === "recording_ended")!;
  assertMatch(data.reason, /^Cannot write the file: File too large/);
  const wav = await Deno.readFile(folder.file(id));
  assertEquals(data.bytes, wav.length);
  assertEquals(readWav(wav).truncated, false);
  line.send({ event: "hangup" });
  line.send({ event: "cdr", sessionId: "in-1" });
  assertEquals((await line.whenClosed()).code, 1000);
});
