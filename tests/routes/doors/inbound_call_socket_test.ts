import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Client } from "../../support/client.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

/** The timeline only answers, and no audio is late, however busy the machine is. */
const QUIET = {
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
  LIMIT_LATE_AUDIO_MS: "60000",
};
const INCOMING = {
  event: "incoming_call",
  callerId: "+254712345678",
  didNumber: "5000",
  sessionId: "b1946ac9",
};
const CDR = { event: "cdr", sessionId: "b1946ac9", disposition: "ANSWERED" };

for (const path of ["/", "/inbound"]) {
  Deno.test(`inbound call plays the document's timeline on ${path}`, async () => {
    await using server = await TestServer.start({
      settings: {
        INBOUND_DTMF_AFTER_MS: "20",
        INBOUND_HANGUP_AFTER_MS: "60",
      },
    });
    await using platform = await Client.open(server.ws(path));
    platform.send(INCOMING);
    await platform.next({ event: "answer" });
    await platform.next({ event: "hangup" });
    platform.send(CDR);
    assertEquals((await platform.whenClosed()).code, 1000);
    assertEquals(platform.messages, [
      { event: "answer" },
      { event: "dtmf", digit: "1", duration: 200 },
      { event: "hangup" },
    ]);
    const call = await server.call("inbound", "b1946ac9", ({ cdr }) => cdr !== null);
    assertEquals([call.state, call.endedBy], ["ended", "us"]);
    const types = (await server.record(call)).map(({ type }) => type);
    assertEquals(types, ["started", "answered", "dtmf", "ended", "cdr"]);
  });
}

Deno.test("inbound call delays its answer when so configured", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET, INBOUND_ANSWER_AFTER_MS: "40" },
  });
  await using platform = await Client.open(server.ws("/"));
  platform.send(INCOMING);
  await platform.next({ event: "answer" });
  const { startedAt, answeredAt } = await server.call("inbound", "b1946ac9");
  assertGreaterOrEqual(+answeredAt! - +startedAt, 35);
});

Deno.test("inbound call echoes frames of any size byte for byte", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  for (const size of [1, 160, 320, 321, 2560, 32 * 1024, 0]) {
    const frame = crypto.getRandomValues(new Uint8Array(size));
    platform.send(frame);
    assertEquals(await platform.nextAudio(), frame);
  }
});

Deno.test("inbound call echoes many frames in order", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  for (let index = 0; index < 200; index++) platform.send(new Uint8Array(320).fill(index));
  for (let index = 0; index < 200; index++) {
    assertEquals((await platform.nextAudio())[0], index);
  }
});

Deno.test("inbound call drops audio before the answer and counts it", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET, INBOUND_ANSWER_AFTER_MS: "never" },
  });
  await using platform = await Client.open(server.ws("/"));
  platform.send(new Uint8Array(320));
  platform.send(INCOMING);
  await server.log.some(({ msg, to }) => msg === "session moved" && to === "ringing");
  platform.send(new Uint8Array(320));
  platform.send(new Uint8Array(320));
  await server.log.some(({ what, state }) => what === "audio" && state === "ringing");
  platform.send({ event: "hangup" });
  platform.send(CDR);
  await platform.whenClosed();
  assertEquals(platform.frames.all, []);
  const { unexpected: odd } = await server.log.some((line) =>
    line.msg === "session ended" && "unexpected" in line
  );
  assertEquals(odd, { "audio while connected": 1, "audio while ringing": 2 });
});

Deno.test("inbound call drops audio after the hangup", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  platform.send({ event: "hangup" });
  platform.send(new Uint8Array(320));
  platform.send(CDR);
  assertEquals((await platform.whenClosed()).code, 1000);
  assertEquals(platform.frames.all, [{ event: "answer" }]);
});

Deno.test("inbound call records the caller's digits and ours", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET, INBOUND_DTMF_AFTER_MS: "0" },
  });
  await using platform = await Client.open(server.ws("/"));
  platform.send(INCOMING);
  await platform.next({ event: "dtmf" });
  for (const digit of "09*#AD") platform.send({ event: "dtmf", digit });
  await stillEchoes(platform);
  const call = await server.call("inbound", "b1946ac9", ({ lastSeq }) => lastSeq >= 9);
  const digits = (await server.record(call)).flatMap((event) =>
    event.type === "dtmf" ? [`${event.data.from} ${event.data.digit}`] : []
  );
  assertEquals(digits, ["us 1", ...[..."09*#AD"].map((digit) => `caller ${digit}`)]);
});

const MEANINGLESS: [name: string, frame: string, what: string][] = [
  ["a second incoming_call", JSON.stringify({ ...INCOMING, sessionId: "x" }), "incoming_call"],
  ["an invalid digit", '{"event":"dtmf","digit":"E"}', "bad shape"],
  ["two digits in one", '{"event":"dtmf","digit":"12"}', "bad shape"],
  ["an unknown event", '{"event":"ring"}', "unknown type"],
  ["malformed JSON", '{"event":', "not json"],
  ["an array", "[]", "bad shape"],
  ["null", "null", "bad shape"],
  ["an empty incoming_call", '{"event":"incoming_call"}', "incoming_call"],
];

for (const [name, frame, what] of MEANINGLESS) {
  Deno.test(`inbound call continues after ${name}`, async () => {
    await using server = await TestServer.start({ settings: QUIET });
    await using platform = await answered(server);
    platform.send(frame);
    const line = await server.log.some(({ msg }) => msg === "unexpected event");
    assertEquals([line["what"], line["state"]], [what, "answered"]);
    await stillEchoes(platform);
    assertEquals((await server.rest("GET", "/calls")).calls.length, 1);
  });
}

Deno.test("inbound call ignores messages before its incoming_call", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await Client.open(server.ws("/"));
  platform.send({ event: "dtmf", digit: "1" });
  platform.send({ event: "hangup" });
  platform.send(CDR);
  platform.send(INCOMING);
  await platform.next({ event: "answer" });
  const odd = server.log.all.filter(({ msg }) => msg === "unexpected event").map(({ what }) =>
    what
  );
  assertEquals(odd, ["dtmf", "hangup", "cdr"]);
});

Deno.test("inbound call accepts unknown members in any message", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await Client.open(server.ws("/"));
  platform.send({ ...INCOMING, codec: "pcm", nested: { a: [1] } });
  await platform.next({ event: "answer" });
});

Deno.test("inbound call closes a platform that is silent for too long", async () => {
  await using server = await TestServer.start({ settings: { ...QUIET, INBOUND_IDLE_MS: "30" } });
  await using platform = await Client.open(server.ws("/"));
  assertEquals(await platform.whenClosed(), { code: 1001, reason: "idle" });
});

Deno.test("inbound call gives two calls with one session id their own records", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using first = await answered(server);
  await using second = await answered(server);
  await stillEchoes(first);
  await stillEchoes(second);
  assertEquals((await server.rest("GET", "/calls")).calls.length, 2);
});

Deno.test("inbound call is unaffected by another call's lost connection", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  const lost = await RawSocket.open(server.port, "/");
  await lost.send({ ...INCOMING, sessionId: "lost" });
  await lost.next({ event: "answer" });
  lost.leave();
  await server.call("inbound", "lost", ({ state }) => state === "ended");
  await stillEchoes(platform);
});

async function answered(server: TestServer): Promise<Client> {
  const platform = await Client.open(server.ws("/"));
  platform.send(INCOMING);
  await platform.next({ event: "answer" });
  return platform;
}

/** Waits for an echo: everything sent before it was handled, and the call is still on. */
async function stillEchoes(platform: Client): Promise<void> {
  const frame = crypto.getRandomValues(new Uint8Array(320));
  platform.send(frame);
  assertEquals(await platform.nextAudio(), frame);
}
