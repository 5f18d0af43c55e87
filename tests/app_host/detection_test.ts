/** Detection of keys and speech in the caller's audio, on both lines over real sockets. */
import { assert, assertEquals } from "@std/assert";
import { dtmfTone } from "../support/dtmf_tone.ts";
import { bytesOf } from "../../audio/pcm.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { inboundCall, JAMBONZ, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

/** Records what it detects, until the caller has spoken. */
const LISTENS = `
  call.answer();
  call.detect({ speech: true, keys: true });
  for await (const event of call) {
    if (event.kind === "dtmf") call.note("key " + event.digit);
    if (event.kind === "speech_start") call.note("speaks");
    // The tone of a key is loud as well, for 100 ms.
    if (event.kind === "speech_end" && event.durationMs > 200) { call.note("spoke"); return; }
  }
`;

/** Sends audio in frames of 20 ms. */
function speak(line: Client, samples: Int16Array<ArrayBuffer>): void {
  const bytes = bytesOf(samples);
  for (let at = 0; at < bytes.length; at += 320) line.send(bytes.slice(at, at + 320));
}

function silence(ms: number): Int16Array<ArrayBuffer> {
  return new Int16Array(ms * 8);
}

/** A voice, by its level. */
function voice(ms: number): Int16Array<ArrayBuffer> {
  return Int16Array.from(
    { length: ms * 8 },
    (_, at) => 6000 * Math.sin(at * 0.7) * Math.cos(at / 90),
  );
}

async function notes(
  server: TestServer,
  line: "inbound" | "jambonz",
  id: string,
): Promise<string[]> {
  const events = await server.record(await server.call(line, id));
  return events.flatMap(({ type, data }) => type === "note" ? [data.text] : []);
}

/** Says 4 as a tone, and then something. */
function sayAll(line: Client): void {
  speak(line, silence(200));
  speak(line, dtmfTone("4"));
  speak(line, silence(1000));
  speak(line, voice(400));
  speak(line, silence(1000));
}

Deno.test("call.detect() reports keys and speech in the audio, inbound", async () => {
  using app = new AppFile(LISTENS);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  sayAll(line);
  await line.next({ event: "hangup" });
  const told = await notes(server, "inbound", "in-1");
  assertEquals(told.filter((text) => text.startsWith("key")), ["key 4"]);
  assert(told.includes("speaks") && told.at(-1) === "spoke", told.join());
});

Deno.test("call.detect() reports keys and speech in the audio, jambonz", async () => {
  using app = new AppFile(LISTENS);
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack" });
  await using audio = await audioSocket(server);
  sayAll(audio);
  assertEquals((await line.next({ command: "redirect" }))["data"] as Message[], [{
    verb: "hangup",
  }]);
  const told = await notes(server, "jambonz", "sid-1");
  assertEquals(told.filter((text) => text.startsWith("key")), ["key 4"]);
  assertEquals(told.at(-1), "spoke");
});

Deno.test("keys in the audio are recorded once, and a gather receives them", async () => {
  using app = new AppFile(`
    call.detect({ keys: true });
    call.note((await call.gather({ digits: 2 })).digits);
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  for (const key of ["1", "#", "9"] as const) {
    speak(line, dtmfTone(key));
    speak(line, silence(100));
  }
  await line.next({ event: "hangup" });
  assertEquals(await notes(server, "inbound", "in-1"), ["1"], "# ends the keys");
  const events = await server.record(await server.call("inbound", "in-1"));
  const keys = events.flatMap(({ type, data }) => type === "dtmf" ? [data.digit] : []);
  assertEquals(keys.slice(0, 2), ["1", "#"]);
});

Deno.test("nothing is detected unless it was requested", async () => {
  using app = new AppFile(`
    call.answer();
    for await (const { kind } of call) {
      if (kind !== "audio") call.note(kind);
      if (kind === "dtmf") return;
    }
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  sayAll(line);
  line.send({ event: "dtmf", digit: "1" });
  await line.next({ event: "hangup" });
  assertEquals(await notes(server, "inbound", "in-1"), ["dtmf"]);
});
