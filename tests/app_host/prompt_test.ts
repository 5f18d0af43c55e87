/** A prompt that cannot be played ends its gather, on both lines: keys are the app's again. */
import { assertEquals } from "@std/assert";
import { writeWav } from "../../audio/wav.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { inboundCall, jambonzCall, said } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const WAV = writeWav({ sampleRate: 8000, channels: 1, samples: new Int16Array(80) });
/** A file whose format is none that is known, at the place where that is said. */
const UNREADABLE = WAV.with(20, 99);

const PROMPTS = {
  "is not there": `"/nowhere.wav"`,
  "is no recording": `new Uint8Array([${UNREADABLE}])`,
  "is too long": `new Uint8Array(16000 * 601)`,
};

/** Notes that the prompt has failed, and the key that comes then. */
function asks(prompt: string): string {
  return `
    call.answer();
    try { await call.gather({ play: ${prompt}, digits: 1 }); } catch { call.note("failed"); }
    for await (const { kind, digit } of call) {
      if (kind === "dtmf") return call.note("key " + digit);
    }
  `;
}

/** The app knows that its prompt has failed. */
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
  Deno.test(`call.gather(), inbound: a prompt that ${what} takes no keys`, async () => {
    using app = new AppFile(asks(prompt));
    await using server = await serverWith(app.path);
    await using line = await inboundCall(server);
    await failed(server, "inbound", "in-1");
    line.send({ event: "dtmf", digit: "5" });
    await line.next({ event: "hangup" });
    assertEquals(await notes(server, "inbound", "in-1"), ["failed", "key 5"]);
  });

  Deno.test(`call.gather(), jambonz: a prompt that ${what} takes no keys`, async () => {
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
