/** Call apps that receive and play audio over the jambonz audio socket, over real sockets. */
import { assertEquals } from "@std/assert";
import { bytesOf } from "../../../audio/pcm.ts";
import { writeWav } from "../../support/write_wav.ts";
import { faultOfVerbs } from "../../../protocols/jambonz/verbs.ts";
import { AppFile, frame, serverWith } from "../../support/apps.ts";
import { Client, type Message } from "../../support/client.ts";
import {
  audioCall,
  audioCallOver,
  audioSocket,
  LISTEN,
  playOut,
} from "../../support/jambonz_audio.ts";
import { JAMBONZ, said, sessionNew } from "../../support/lines.ts";

Deno.test("echo, jambonz: the app of the inbound line echoes what it hears", async () => {
  await using server = await serverWith("apps/echo.ts");
  const { line, audio, verbs } = await audioCall(server);
  assertEquals(verbs, [{ verb: "answer" }, { verb: "config", listen: LISTEN }]);
  assertEquals(faultOfVerbs(verbs), undefined, "jambonz knows every property");
  for (const number of [1, 2, 3]) {
    audio.send(frame(number));
    assertEquals(await audio.nextAudio(), frame(number));
  }
  audio.send({ event: "dtmf", dtmf: "5", duration: 1600 });
  audio.send({ event: "dtmf", dtmf: "#", duration: 1600 });
  assertEquals((await line.next({ command: "redirect" }))["data"], [{ verb: "hangup" }]);
  const events = await audioCallOver(server, line, audio);
  assertEquals(events.filter(({ type }) => type === "dtmf").map(({ digit }) => digit), ["5", "#"]);
  assertEquals(audio.messages, [{ type: "disconnect" }]);
});

Deno.test("call.play() over the socket resolves when its mark has been heard", async () => {
  using app = new AppFile(`
    call.answer();
    const ends = [call.play(new Uint8Array(3200).fill(9)), call.play(new Uint8Array(640), { name: "b" })];
    for await (const { kind, name } of call) {
      if (kind === "played") call.note(name);
      if (name === "b") break;
    }
    call.note((await Promise.all(ends)).join());
  `);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server);
  const heard = [];
  for (let bytes = 0; bytes < 3200;) {
    const next = await audio.nextAudio();
    heard.push(...next);
    bytes += next.length;
  }
  assertEquals(new Set(heard), new Set([9]));
  await playOut(audio);
  await playOut(audio);
  assertEquals((await line.next({ command: "redirect" }))["data"], [{ verb: "hangup" }]);
  const events = await audioCallOver(server, line, audio);
  const notes = events.filter(({ type }) => type === "note").map(({ text }) => text);
  assertEquals(notes, ["audio", "b", "heard,heard"]);
});

Deno.test("call.interrupt() kills what jambonz has buffered, and drops what we have", async () => {
  using app = new AppFile(`
    const long = call.play(new Uint8Array(16000 * 60).fill(9));
    for await (const { kind } of call) {
      if (kind === "dtmf") call.interrupt();
      if (kind === "dtmf") break;
    }
    call.note(await long);
    call.note(await call.play(new Uint8Array(320).fill(3)));
  `);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server);
  await audio.nextAudio();
  audio.send({ event: "dtmf", dtmf: "1" });
  await audio.next({ type: "killAudio" });
  await audio.next({ type: "clearMarks" });
  assertEquals((await audio.nextAudio())[0], 3, "nothing of before comes behind the kill");
  await playOut(audio);
  await line.next({ command: "redirect" });
  const events = await audioCallOver(server, line, audio);
  assertEquals(
    events.flatMap(({ type, text }) =>
      type === "note" ? [text] : type === "interrupted" ? [type] : []
    ),
    ["interrupted", "dropped", "heard"],
  );
});

Deno.test("call.interrupt() is sent before audio that is played right after it", async () => {
  using app = new AppFile(`
    call.answer();
    for await (const { kind } of call) if (kind === "dtmf") break;
    call.play(new Uint8Array(16000).fill(9));
    call.interrupt();
    call.note(await call.play(new Uint8Array(320).fill(3)));
  `);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server);
  audio.send({ event: "dtmf", dtmf: "1" });
  await audio.next({ type: "clearMarks" });
  assertEquals((await audio.nextAudio())[0], 3);
  await playOut(audio);
  await line.next({ command: "redirect" });
  const events = await audioCallOver(server, line, audio);
  assertEquals(events.find(({ type }) => type === "note")?.["text"], "heard");
});

Deno.test("audio that jambonz reports as cleared was dropped", async () => {
  using app = new AppFile(`call.note(await call.play(new Uint8Array(320)));`);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server);
  await playOut(audio, "cleared");
  await line.next({ command: "redirect" });
  const events = await audioCallOver(server, line, audio);
  assertEquals(events.find(({ type }) => type === "note")?.["text"], "dropped");
});

Deno.test("verbs wait until our own audio has been heard", async () => {
  using app = new AppFile(`
    call.play(new Uint8Array(320));
    call.say("And now?");
    call.hangup();
  `);
  await using server = await serverWith(app.path);
  const { line, audio, verbs } = await audioCall(server);
  assertEquals(verbs.map(({ verb }) => verb), ["answer", "config"]);
  assertEquals(line.messages.filter(({ type }) => type === "command"), []);
  await playOut(audio);
  const { queueCommand, data } = await line.next({ command: "redirect" });
  assertEquals(queueCommand, true);
  assertEquals(data, [{ verb: "say", text: "And now?" }, { verb: "hangup" }]);
  await audioCallOver(server, line, audio);
});

Deno.test("call.gather() with a recording: a key stops it, and the hook contains the keys", async () => {
  const recording = Deno.makeTempFileSync({ suffix: ".wav" });
  const samples = new Int16Array(8000 * 5).fill(1000);
  Deno.writeFileSync(recording, writeWav({ sampleRate: 8000, channels: 1, samples }));
  using app = new AppFile(`
    const gathered = await call.gather({ play: ${
    JSON.stringify(recording)
  }, digits: 2, timeoutMs: 4000 });
    call.note(JSON.stringify(gathered));
  `);
  await using server = await serverWith(app.path);
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  // The file is read meanwhile, so that the gather comes in the ack or behind it.
  const { data } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
  line.send(said("call:status", "st", { call_status: "in-progress" }));
  const gather = data.find(({ verb }) => verb === "gather") ??
    ((await line.next({ command: "redirect" }))["data"] as Message[])[0]!;
  assertEquals([gather["timeout"], gather["maxDigits"], gather["play"]], [9, 2, undefined]);
  const audio = await audioSocket(server);
  await audio.nextAudio();
  audio.send({ event: "dtmf", dtmf: "4" });
  await audio.next({ type: "killAudio" });
  audio.send({ event: "dtmf", dtmf: "2" });
  const hook = { ...said("verb:hook", "h1", { digits: "42" }), hook: String(gather["actionHook"]) };
  line.send(hook);
  assertEquals((await line.next({ type: "ack", msgid: "h1" }))["data"], [{ verb: "hangup" }]);
  const events = await audioCallOver(server, line, audio);
  assertEquals(
    events.find(({ type }) => type === "note")?.["text"],
    '{"by":"digits","digits":"42","speech":""}',
  );
  assertEquals(
    events.filter(({ type }) => type === "dtmf").map(({ digit }) => digit),
    ["4", "2"],
    "once",
  );
  Deno.removeSync(recording);
});

Deno.test("call.gather() with a missing recording rejects, and the next one continues", async () => {
  using app = new AppFile(`
    try { await call.gather({ play: "/nowhere.wav" }); } catch (error) { call.note(error.name); }
    call.note((await call.gather({ play: new Uint8Array(320), digits: 1, bargeIn: false })).digits);
  `);
  await using server = await serverWith(app.path);
  const { line, audio, verbs } = await audioCall(server);
  assertEquals(verbs.map(({ verb }) => verb), ["answer", "config"], "it gathers behind the prompt");
  await playOut(audio);
  const { data: [gather] } = await line.next({ command: "redirect" }) as { data: [Message] };
  assertEquals([gather["verb"], gather["dtmfBargein"], gather["timeout"]], ["gather", false, 10]);
  line.send({ ...said("verb:hook", "h", { digits: "7" }), hook: String(gather["actionHook"]) });
  await line.next({ type: "ack", msgid: "h" });
  const events = await audioCallOver(server, line, audio);
  const notes = events.filter(({ type }) => type === "note").map(({ text }) => text);
  assertEquals(notes, ["NotFound", "7"]);
});

Deno.test("audio at another rate is converted to 8 kHz, and of stereo only the caller's side is used", async () => {
  using app = new AppFile(`
    call.answer();
    let bytes = 0;
    for await (const event of call) {
      if (event.kind === "audio") bytes += event.bytes.length;
      if (bytes >= 1500) break;
    }
    call.note(String(bytes));
  `);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server, { sampleRate: 16000, mixType: "stereo" });
  // 100 ms: 16 samples a millisecond, twice.
  for (let n = 0; n < 5; n++) audio.send(bytesOf(new Int16Array(16 * 20 * 2).fill(1000)));
  await line.next({ command: "redirect" });
  const events = await audioCallOver(server, line, audio);
  assertEquals(events.find(({ type }) => type === "note")?.["text"], "1600");
});
