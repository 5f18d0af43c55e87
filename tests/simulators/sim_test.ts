/** The simulators against the server as it is. */
import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { writeWav } from "../support/write_wav.ts";
import { afterSilence, silence, wavFile } from "../../simulators/audio/audio_source.ts";
import { callInbound } from "../../simulators/inbound/call_inbound.ts";
import { callJambonz } from "../../simulators/jambonz/call_jambonz.ts";
import { parseScript } from "../../simulators/jambonz/script.ts";
import { connectParty } from "../../simulators/people/party.ts";
import type { Entry } from "../../simulators/output/timeline.ts";
import { loud } from "../support/audio_application.ts";
import { BrokenPeer } from "../support/broken_peer.ts";
import { JambonzApplication } from "../support/jambonz_application.ts";
import { TestServer } from "../support/server.ts";

/** No audio is late on a busy machine. */
const PATIENT = { LIMIT_LATE_AUDIO_MS: "60000" };
const QUIET = {
  ...PATIENT,
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
};

Deno.test("sim inbound plays the document's timeline to its CDR", async () => {
  await using server = await TestServer.start({
    settings: { ...PATIENT, INBOUND_DTMF_AFTER_MS: "60", INBOUND_HANGUP_AFTER_MS: "400" },
  });
  const entries: Entry[] = [];
  const report = await callInbound({
    url: server.ws("/"),
    sessionId: "timeline",
    keys: [{ digit: "7", afterMs: 200 }],
    sink: (entry) => entries.push(entry),
  });
  assertEquals(report.faults, []);
  assertEquals([report.answered, report.endedBy], [true, "server"]);
  const lines = entries.map(({ direction, what }) => `${direction} ${what}`);
  assertEquals(lines.slice(0, 3), ["-> incoming_call", "<- answer", "-> first audio"]);
  assertEquals(lines.slice(3, -3).toSorted(), ["-> dtmf", "<- dtmf", "<- first audio"]);
  assertEquals(lines.slice(-3), ["<- hangup", "-> cdr", "<- close"]);
  const { sent, back, lost } = report.frames;
  assertGreater(sent, 5);
  assertGreater(back, 0);
  assertEquals(lost, 0);
  const call = await server.call("inbound", "timeline", ({ cdr }) => cdr !== null);
  assertEquals(call.cdr?.disposition, "ANSWERED");
  const digits = (await server.record(call)).flatMap((event) =>
    event.type === "dtmf" ? [event.data.digit] : []
  );
  assertEquals(digits.toSorted(), ["1", "7"]);
});

Deno.test("sim inbound hangs up on its own, and on its signal", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const own = await callInbound({ url: server.ws("/"), sessionId: "own", hangUpAfterMs: 50 });
  assertEquals([own.endedBy, own.faults], ["caller", []]);
  const leaving = new AbortController();
  const told = await callInbound({
    url: server.ws("/"),
    audio: silence(),
    signal: leaving.signal,
    sink: ({ what }) => what === "first audio" && leaving.abort(),
  });
  assertEquals([told.endedBy, told.faults], ["caller", []]);
});

Deno.test("sim inbound drops the platform's queue on interrupt", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const report = callInbound({
    url: server.ws("/"),
    sessionId: "interrupted",
    async sink({ what }) {
      if (what !== "first audio") return;
      const { id } = await server.call("inbound", "interrupted");
      server.server.services.calls.asks.make(
        id,
        { kind: "interrupt" },
        { actor: "test", messageId: "1" },
        () =>
          server.server.services.calls.asks.make(
            id,
            { kind: "end" },
            { actor: "test", messageId: "2" },
            () => {},
          ),
      );
    },
  });
  const { interruptionsMs, faults, endedBy } = await report;
  assertEquals([faults, endedBy], [[], "server"]);
  assertGreater(interruptionsMs.length, 0);
});

Deno.test("sim inbound measures how long a server is still heard after a key", async () => {
  let pressed = 0;
  await using peer = new BrokenPeer({
    heard({ event }, connection) {
      if (event === "incoming_call") {
        connection.say({ event: "answer" });
        connection.say(loud(10_000));
      }
      if (event === "dtmf" && ++pressed === 10) {
        for (const event of ["interrupt", "hangup"]) connection.say({ event });
      }
      if (event === "cdr") connection.close(1000);
    },
  });
  const keys = Array.from({ length: 10 }, (_, index) => ({ digit: "1", afterMs: 20 * index }));
  const report = await callInbound({ url: peer.url(), keys });
  assertEquals(report.faults, []);
  assertGreater(report.bargeInMs!.length, 0);
  assertLess(report.bargeInMs![0]!, 10_000);
});

Deno.test("sim inbound plays a WAV file of another rate, then silence", () => {
  const samples = Int16Array.from({ length: 4800 }, (_, index) => index % 2 === 0 ? 1000 : 999);
  const voice = wavFile(writeWav({ sampleRate: 24_000, channels: 2, samples }));
  const heard = new Int16Array(voice.read(4 * 320).buffer);
  // 2400 samples of each channel are 100 ms; the left one is read.
  assert(Math.abs(heard[400]! - 1000) < 50, `${heard[400]}`);
  assertEquals(new Int16Array(voice.read(4 * 320).buffer).at(-1), 0);
});

Deno.test("sim inbound may be silent before it plays a WAV file", () => {
  const samples = new Int16Array(800).fill(1000);
  const voice = afterSilence(0.05, wavFile(writeWav({ sampleRate: 8000, channels: 1, samples })));
  // 50 ms are two frames and a half.
  const frames = Array.from({ length: 4 }, () => new Int16Array(voice.read(320).buffer));
  assertEquals(frames.map((frame) => frame.indexOf(1000)), [-1, -1, 80, 0]);
});

Deno.test("sim jambonz hears the greeting repeat what it says, and 9 hangs up", async () => {
  await using server = await TestServer.start();
  const report = await callJambonz({
    url: server.ws("/jambonz"),
    callSid: "greeted",
    timeScale: 50,
    script: parseScript("speech:book a car;dtmf:1;silence;dtmf:9"),
  });
  assertEquals(report.faults, []);
  assertEquals(report.ending, { status: "completed", by: "application" });
  assertStringIncludes(report.heard[0]!, "Hello, this is Tipring.");
  assertEquals(report.heard.slice(1), [
    "You said: book a car.",
    "You pressed 1.",
    "I did not hear anything. Please say something, or press a key.",
    "Goodbye.",
  ]);
  assertEquals(report.roundTripsMs.length, 5);
  const call = await server.call("jambonz", "greeted", ({ state }) => state === "ended");
  const types = new Set((await server.record(call)).map(({ type }) => type));
  for (const type of ["started", "answered", "transcript", "dtmf", "ended"] as const) {
    assert(types.has(type), `no ${type} in the record`);
  }
});

Deno.test("sim jambonz comes back after a drop and is not greeted again", async () => {
  await using server = await TestServer.start();
  const report = await callJambonz({
    url: server.ws("/jambonz"),
    timeScale: 50,
    script: parseScript("dtmf:1;drop;speech:still here;hangup"),
  });
  assertEquals(report.faults, []);
  assertEquals(report.reconnects, 1);
  assertEquals(report.ending, { status: "completed", by: "caller" });
  assertEquals(report.heard.filter((text) => text.startsWith("Hello")).length, 1);
  assertEquals(report.heard.at(-1), "You said: still here.");
});

Deno.test("sim jambonz dials: the other leg has its statuses, the hook its result", async () => {
  const told: string[] = [];
  await using application = new JambonzApplication({
    answer: ({ type, hook, data }) => {
      if (type !== "session:new") told.push(`${hook} ${data["dial_call_status"]}`);
      const target = [{ type: "phone", number: "+15551230000" }];
      return type === "session:new"
        ? [{ verb: "config", notifyEvents: true }, {
          verb: "dial",
          target,
          actionHook: "/dialled",
        }]
        : [];
    },
    tell: ({ type, data }) => void told.push(`${type} ${data["call_status"] ?? data["event"]}`),
  });
  const report = await callJambonz({
    url: application.url,
    timeScale: 50,
    script: parseScript("busy;hangup"),
  });
  assertEquals(report.faults, []);
  assertEquals(told.slice(0, 9), [
    "call:status trying",
    "verb:status finished",
    "verb:status starting",
    "call:status in-progress",
    "call:status trying",
    "call:status ringing",
    "call:status busy",
    "/dialled busy",
    "verb:status finished",
  ]);
});

Deno.test("sim jambonz receives streamed speech piece by piece, and all of it", async () => {
  const text = "Once upon a time there was a telephone. ".repeat(60);
  const events = new Set<unknown>();
  await using application = new JambonzApplication({
    answer:
      () => [{ verb: "config", ttsStream: { enable: true } }, { verb: "pause", length: 10_000 }],
    tell({ type, data }, notify) {
      if (type !== "tts:streaming-event") return;
      events.add(data["event_type"]);
      if (data["event_type"] === "stream_open") {
        for (let at = 0; at < text.length; at += 400) {
          notify({ kind: "tokens", text: text.slice(at, at + 400) });
        }
        notify({ kind: "flush" });
      }
    },
  });
  const leaving = new AbortController();
  const report = await callJambonz({
    url: application.url,
    timeScale: 400,
    atMostSeconds: 10_000,
    signal: leaving.signal,
    sink({ what, detail }) {
      const { characters } = (detail ?? {}) as { characters?: number };
      if (what === "streamed speech has been heard" && characters === text.length) leaving.abort();
    },
  });
  assertEquals(report.faults, []);
  assertEquals(report.streamed, text);
  assert(events.has("stream_paused") && events.has("stream_resumed"));
});

Deno.test("sim party receives what it missed, and what changes", async () => {
  await using server = await TestServer.start();
  const client = "+254712345678";
  const contract = {
    product: "maize",
    total_amount: 150,
    contract_type: "agricultural_supply",
    parties: [{ phone: client, role: "buyer" }, { phone: "+254733000001", role: "seller" }],
  };
  const { contract_id } = await server.rest("POST", "/contracts/create/manual", contract);
  await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
  const url = server.ws("/");
  const leaving = new AbortController();
  const awaited = new Set(["pong", "contract_status_response", "contract_update"]);
  const report = await connectParty({
    url,
    client,
    after: 0,
    contracts: [contract_id],
    signal: leaving.signal,
    sink({ direction, what, detail }) {
      const { status } = (detail ?? {}) as { status?: string };
      if (direction !== "<-" || what === "contract_update" && status !== "cancelled") return;
      awaited.delete(what);
      if (awaited.size === 0) leaving.abort();
    },
  });
  assertEquals(report.faults, []);
  assertEquals(report.statuses, { [contract_id]: "cancelled" });
  assertEquals(report.updates.at(-1)?.status, "cancelled");
  assertEquals(report.roundTripsMs.length, 2);
});
