/** The fifth protocol of examples/: on the real server, by its table, and as a program. */
import { assert, assertEquals } from "@std/assert";
import { Parser } from "@asyncapi/parser";
import { mediaStreamDoor } from "../../examples/fifth_protocol/door.ts";
import { mediaStreamWire } from "../../examples/fifth_protocol/messages.ts";
import {
  mediaStream,
  type MediaStreamPorts,
  type StreamSummary,
} from "../../examples/fifth_protocol/session.ts";
import { createLog } from "../../log.ts";
import { Arrivals } from "../support/arrivals.ts";
import { Client } from "../support/client.ts";
import { answerTo } from "../support/http.ts";
import { outputOf, ROOT, ServerProcess } from "../support/process.ts";
import { heard, Script } from "../support/script.ts";
import { type LogLine, TestServer } from "../support/server.ts";
import { walks } from "../support/table_walk.ts";

const streamSid = "MZ18ad3ab5";
const accountSid = "AC2f6b7e01";
const callSid = "CA5d8f0c2a";
const NUMBERED = { sequenceNumber: "1", streamSid };
const CONNECTED = { event: "connected", protocol: "Call", version: "1.0.0" };
const START = {
  event: "start",
  ...NUMBERED,
  start: {
    streamSid,
    accountSid,
    callSid,
    tracks: ["inbound"],
    mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
    customParameters: { FirstName: "Jane" },
  },
};
const MARK = { event: "mark", ...NUMBERED, mark: { name: "1" } };
const DTMF = { event: "dtmf", ...NUMBERED, dtmf: { track: "inbound_track", digit: "1" } };
const STOP = { event: "stop", ...NUMBERED, stop: { accountSid, callSid } };
const media = (chunk: number, payload: string) => ({
  event: "media",
  ...NUMBERED,
  media: { track: "inbound", chunk: `${chunk}`, timestamp: `${chunk * 20}`, payload },
});

interface Stream extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
  /** The door's log lines about its streams. */
  readonly log: Arrivals<LogLine>;
}

/** A server with the fifth door, and Twilio on it. */
async function open(): Promise<Stream> {
  const log = new Arrivals<LogLine>();
  const write = (line: string) => log.push(JSON.parse(line));
  const routes = mediaStreamDoor(createLog({ level: "info", format: "json", write }));
  const server = await TestServer.start({ routes });
  const client = await Client.open(server.ws("/twilio/media"));
  return {
    server,
    client,
    log,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("the media stream door echoes audio byte for byte, followed by a mark", async () => {
  await using stream = await open();
  const { client, log } = stream;
  client.send(CONNECTED);
  client.send(START);
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte).toBase64();
  for (const [at, payload] of [every, "/////w==", ""].entries()) {
    client.send(media(at + 1, payload));
    assertEquals(await client.next(), { event: "media", streamSid, media: { payload } });
    const mark = { event: "mark", streamSid, mark: { name: `${at + 1}` } };
    assertEquals(await client.next(), mark);
  }
  client.send(MARK);
  client.send(STOP);
  assertEquals(await client.whenClosed(), { code: 1000, reason: "the stream has stopped" });
  const ended = await log.next(({ msg }) => msg === "media stream ended");
  assertEquals(
    [ended["callSid"], ended["echoed"], ended["settled"], ended["stopped"]],
    [callSid, 3, 1, true],
  );
});

Deno.test("the media stream door clears its queue when the caller presses a key", async () => {
  await using stream = await open();
  const { client } = stream;
  client.send(CONNECTED);
  client.send(START);
  client.send(DTMF);
  assertEquals(await client.next(), { event: "clear", streamSid });
});

Deno.test("the media stream door reports a malformed message, and continues", async () => {
  await using stream = await open();
  const { client, server } = stream;
  client.send(CONNECTED);
  client.send(media(1, "AAAA"));
  client.send("{ no JSON");
  client.send({ event: "sing", streamSid });
  client.send(media(1, "*"));
  client.send(new Uint8Array(160));
  client.send(START);
  client.send(media(2, "AAAA"));
  assertEquals((await client.next())["media"], { payload: "AAAA" });
  client.send(STOP);
  await client.whenClosed();
  const { unexpected } = await server.log.some(({ msg }) => msg === "session ended");
  assertEquals(unexpected, {
    "media while greeted": 1,
    "not json while greeted": 1,
    "unknown type while greeted": 1,
    "bad shape while greeted": 1,
    "binary refused while greeted": 1,
  });
});

Deno.test("the media stream door reports a lost connection", async () => {
  await using stream = await open();
  const { client, log } = stream;
  client.send(CONNECTED);
  client.send(START);
  client.send(media(1, "AAAA"));
  await client.next({ event: "mark" });
  await client.close(1000);
  const { stopped, echoed } = await log.next(({ msg }) => msg === "media stream ended");
  assertEquals({ stopped, echoed }, { stopped: false, echoed: 1 });
});

Deno.test("mediaStream() closes a socket on which no stream starts", async () => {
  const world = endings();
  const script = new Script(mediaStreamWire, mediaStream, world);
  await script.hear(CONNECTED);
  assertEquals(await script.advance(5000), [
    { kind: "close", code: 1008, reason: "no start came" },
  ]);
  assert(script.over);
  assertEquals(world.told, []);
});

/** Ports that record the end of the stream. */
function endings(): MediaStreamPorts & { readonly told: unknown[][] } {
  const told: [StreamSummary][] = [];
  return { told, ended: (stream) => void told.push([stream]) };
}

const event = (said: object) => [heard(mediaStreamWire, said)];
walks("mediaStream", {
  wire: mediaStreamWire,
  protocol: mediaStream,
  worlds: [endings],
  events: {
    connected: event(CONNECTED),
    start: event(START),
    media: event(media(1, "AAAA")),
    mark: event(MARK),
    dtmf: event(DTMF),
    stop: event(STOP),
    audio: [{ kind: "audio", bytes: new Uint8Array(160) }],
    malformed: [{ kind: "malformed", why: "not json", detail: "9 characters" }],
    "timeout:start": [{ kind: "timeout", timer: "start" }],
    closed: [{ kind: "closed", code: 1006, reason: "" }],
  },
});

Deno.test("asyncapi.json of a server with the media stream door describes it", async () => {
  await using stream = await open();
  const response = await answerTo(stream.server.http("/asyncapi.json"));
  const document = await response.json();
  const { diagnostics } = await new Parser().parse(structuredClone(document));
  assertEquals(diagnostics.filter(({ severity }) => severity === 0), []);
  const { address, messages } = document.channels["twilio-media"];
  assertEquals(address, "/twilio/media");
  const heard = ["Connected", "Start", "MediaHeard", "MarkHeard", "Dtmf", "Stop"];
  const said = ["MediaSaid", "MarkSaid", "Clear"];
  assertEquals(Object.keys(messages), [...heard, ...said].map((name) => `Twilio${name}`));
});

Deno.test("examples/fifth_protocol runs as its README says, and echoes its client", async () => {
  const at = (file: string) => new URL(`examples/fifth_protocol/${file}`, ROOT).pathname;
  await using server = new ServerProcess({ args: ["-A", "--frozen", at("main.ts")] });
  const line = await server.stdout.next((line) => line.startsWith("media stream "));
  const { stdout } = await outputOf(Deno.execPath(), {
    args: ["run", "--frozen", "--allow-net", at("client.ts"), line.split(" ").at(-1)!],
    cwd: ROOT,
  });
  assertEquals(
    new TextDecoder().decode(stdout),
    "50 of 50 frames came back; closed with 1000 the stream has stopped\n",
  );
  server.kill("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});
