/** The values that an app may play, and its errors for any other, on both lines. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { audioName, playableOf } from "../../app_host/playable.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { Client } from "../support/client.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { inboundCall, JAMBONZ, jambonzCall, said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const SAMPLES = `new Int16Array(160).fill(0x0102)`;
/** As bytes: 20 ms. */
const HEARD = new Uint8Array(new Int16Array(160).fill(0x0102).buffer);
const PLAYS = `call.answer(); await call.play(${SAMPLES});
  await call.gather({ play: ${SAMPLES}, digits: 1 });`;
const MISTAKES = `
  for (const wrong of [new Float32Array(9), [1, 2], undefined, 7]) {
    try { await call.play(wrong); } catch (error) { call.note(String(error)); }
  }
  try { await call.gather({ play: new Int32Array(9) }); } catch (error) { call.note(String(error)); }
`;
const TAKES = "it takes bytes (Uint8Array), samples (Int16Array), or the path or URL of a WAV file";
const NOTES = [
  `TypeError: Cannot play a value of the class Float32Array: ${TAKES}`,
  `TypeError: Cannot play a value of the class Array: ${TAKES}`,
  `TypeError: Cannot play undefined: ${TAKES}`,
  `TypeError: Cannot play 7: ${TAKES}`,
  `TypeError: Cannot play a value of the class Int32Array: ${TAKES}`,
];

async function notes(server: TestServer, line: "inbound" | "jambonz", id: string) {
  const call = await server.call(line, id, ({ state }) => state === "ended");
  const events = await server.record(call);
  return events.flatMap(({ type, data }) => type === "note" ? [data.text] : []);
}

Deno.test("call.play() and call.gather(), inbound: samples play like bytes", async () => {
  using app = new AppFile(PLAYS);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  assertEquals(await line.nextAudio(), HEARD);
  assertEquals(await line.nextAudio(), HEARD);
  await line.close();
  assertEquals(await notes(server, "inbound", "in-1"), []);
});

Deno.test("call.play() and call.gather(), jambonz: samples play like bytes", async () => {
  using app = new AppFile(
    `call.answer(); call.play(${SAMPLES}); await call.gather({ digits: 1 });`,
  );
  await using server = await serverWith(app.path);
  await using line = await jambonzCall(server);
  const audio = await audioSocket(server);
  assertEquals(await audio.nextAudio(), HEARD);
  line.send(said("call:status", "over", { call_status: "completed" }));
  assertEquals(await notes(server, "jambonz", "sid-1"), []);
  await audio.close();
});

Deno.test("call.play() and call.gather(), inbound: any other value is refused by its type", async () => {
  using app = new AppFile(MISTAKES);
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "in-1" });
  await line.next({ event: "hangup" });
  await line.close();
  assertEquals(await notes(server, "inbound", "in-1"), NOTES);
});

Deno.test("call.play() and call.gather(), jambonz: any other value is refused by its type", async () => {
  using app = new AppFile(MISTAKES);
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  line.send(said("call:status", "over", { call_status: "completed" }));
  assertEquals(await notes(server, "jambonz", "sid-1"), NOTES);
});

Deno.test("playableOf() views samples as bytes of the same memory", () => {
  const samples = new Int16Array(4).subarray(1, 3);
  const bytes = playableOf(samples) as Uint8Array;
  assertEquals([bytes.buffer === samples.buffer, bytes.byteOffset, bytes.length], [true, 2, 4]);
  assertThrows(() => playableOf(null as unknown as string), TypeError, "Cannot play null");
});

Deno.test("audioName() contains no audio, such as that of a data URL", () => {
  assertEquals(audioName("prompts/x.wav"), "prompts/x.wav");
  assert(audioName(`data:audio/wav;base64,${"A".repeat(10_000)}`).length < 250);
});
