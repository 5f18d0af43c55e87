/** Prompts on each line, and prompts that cannot be played. */
import { assertEquals } from "@std/assert";
import { writeWav } from "../support/write_wav.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { Client, type Message } from "../support/client.ts";
import { inboundCall, JAMBONZ, jambonzCall, said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const WAV = writeWav({ sampleRate: 8000, channels: 1, samples: new Int16Array(80) });
/** A WAV file that names an unknown format. */
const UNREADABLE = WAV.with(20, 99);

const PROMPTS = {
  "is missing": `"/nowhere.wav"`,
  "is not a recording": `new Uint8Array([${UNREADABLE}])`,
  "is too long": `new Uint8Array(16000 * 601)`,
};

/** Notes that the prompt failed, and the next key. */
function asks(prompt: string): string {
  return `
    call.answer();
    try { await call.gather({ play: ${prompt}, digits: 1 }); } catch { call.note("failed"); }
    for await (const { kind, digit } of call) {
      if (kind === "dtmf") return call.note("key " + digit);
    }
  `;
}

/** Resolves when the app knows that its prompt failed. */
async function failed(server: TestServer, line: "inbound" | "jambonz", platformId: string) {
  const { calls } = server.server.services;
  await server.call(
    line,
    platformId,
    ({ id }) =>
      calls.events(id).some(({ type, data }) => type === "note" && data["text"] === "failed"),
  );
}

async function notes(server: TestServer, line: "inbound" | "jambonz", id: string) {
  const call = await server.call(line, id, ({ state }) => state === "ended");
  const events = await server.record(call);
  return events.flatMap(({ type, data }) =>
    type === "note" && !data.text.startsWith("Cannot play") ? [data.text] : []
  );
}

for (const [what, prompt] of Object.entries(PROMPTS)) {
  Deno.test(`call.gather(), inbound: a prompt that ${what} accepts no keys`, async () => {
    using app = new AppFile(asks(prompt));
    await using server = await serverWith(app.path);
    await using line = await inboundCall(server);
    await failed(server, "inbound", "in-1");
    line.send({ event: "dtmf", digit: "5" });
    await line.next({ event: "hangup" });
    assertEquals(await notes(server, "inbound", "in-1"), ["failed", "key 5"]);
  });

  Deno.test(`call.gather(), jambonz: a prompt that ${what} accepts no keys`, async () => {
    using app = new AppFile(asks(prompt));
    await using server = await serverWith(app.path);
    await using line = await jambonzCall(server);
    const audio = await audioSocket(server);
    await failed(server, "jambonz", "sid-1");
    audio.send({ event: "dtmf", dtmf: "5" });
    await line.next({ command: "redirect" });
    line.send(said("call:status", "over", { call_status: "completed" }));
    assertEquals(await notes(server, "jambonz", "sid-1"), ["failed", "key 5"]);
    await audio.close();
  });
}

/** A tone of 20 ms, as code. */
const TONE = `new Int16Array(160).fill(1000)`;
/** An app that prompts by call.prompt(), then by call.gather(). */
const SAYS = (prompt: string) => `
  call.prompt(${prompt});
  await call.gather({ prompt: ${prompt}, digits: 1 });
`;

async function transcripts(server: TestServer, line: "inbound" | "jambonz", id: string) {
  const events = await server.record(await server.call(line, id));
  return events.flatMap(({ type, data }) => type === "transcript" ? [data.msg] : []);
}

for (
  const [what, prompt, heard, written] of [
    ["text and audio", `{ text: "Key?", audio: ${TONE} }`, true, ["Key?", "Key?"]],
    ["text alone", `{ text: "Key?" }`, false, ["Key?", "Key?"]],
    ["audio alone", `{ audio: ${TONE} }`, true, []],
  ] as const
) {
  Deno.test(`a prompt of ${what}, inbound: its audio is played, and its text is in the transcript`, async () => {
    using app = new AppFile(SAYS(prompt));
    await using server = await serverWith(app.path);
    await using line = await inboundCall(server);
    if (heard) { for (const _ of [1, 2]) assertEquals((await line.nextAudio()).length, 320); }
    const call = await server.call("inbound", "in-1");
    line.send({ event: "dtmf", digit: "1" });
    await line.next({ event: "hangup" });
    await server.call("inbound", "in-1", ({ id, state }) => id === call.id && state === "ended");
    assertEquals(await transcripts(server, "inbound", "in-1"), [...written]);
  });
}

for (const audio of ["", `, audio: ${TONE}`]) {
  Deno.test(`a prompt with text, jambonz: it is spoken${audio && ", and its audio is not"}`, async () => {
    using app = new AppFile(SAYS(`{ text: "Key?"${audio} }`));
    await using server = await serverWith(app.path);
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(sessionNew());
    const { data } = await line.next({ type: "ack", msgid: "new" });
    const [say, gather] = data as Message[];
    assertEquals([say, gather!["say"]], [{ verb: "say", text: "Key?" }, { text: "Key?" }]);
    assertEquals(await transcripts(server, "jambonz", "sid-1"), ["Key?", "Key?"]);
  });
}

Deno.test("a prompt with only audio, jambonz: it is played", async () => {
  using app = new AppFile(SAYS(`{ audio: "https://example.com/key.wav" }`));
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const verbs = (await line.next({ type: "ack", msgid: "new" }))["data"] as Message[];
  assertEquals(verbs.map(({ verb, url, play }) => [verb, url ?? play]), [
    ["config", undefined],
    ["play", "https://example.com/key.wav"],
    ["gather", { url: "https://example.com/key.wav" }],
  ]);
});

Deno.test("an empty prompt is refused, and a prompt after the end does nothing", async () => {
  using app = new AppFile(`
    try { call.prompt({}); } catch (error) { call.note(error.name + ": " + error.message); }
    try { await call.gather({ prompt: {} }); } catch (error) { call.note(error.name); }
    call.hangup();
    for await (const event of call);
    call.prompt({ text: "Too late" });
  `);
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "in-1" });
  await line.next({ event: "hangup" });
  assertEquals(await notes(server, "inbound", "in-1"), [
    "TypeError: Cannot prompt with nothing: it takes text, audio, or both",
    "TypeError",
  ]);
  assertEquals(await transcripts(server, "inbound", "in-1"), []);
});
