import { assertEquals, assertObjectMatch } from "@std/assert";
import type { CallRecord } from "../../../calls/call_record.ts";
import { Client, type Message } from "../../support/client.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const QUIET = { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" };
const INCOMING = {
  event: "incoming_call",
  callerId: "+254712345678",
  didNumber: "5000",
  sessionId: "c1",
};
/** As in the document, with strings wherever possible. */
const FULL = {
  event: "cdr",
  sessionId: "c1",
  source: "+254712345678",
  destination: "5000",
  startTime: "2026-11-21T08:00:00Z",
  answerTime: "2026-11-21T08:00:02+00:00",
  endTime: "2026-11-21T08:00:12.500Z",
  duration: 12,
  billableSeconds: 10,
  disposition: "ANSWERED",
  hangupBy: "CALLEE",
  hangupCauseCode: "16",
  hangupCauseText: "Normal clearing",
};

const FORMS: [name: string, said: Message, kept: Message][] = [
  ["as in the document", {}, {
    startTime: "2026-11-21T08:00:00.000Z",
    answerTime: "2026-11-21T08:00:02.000Z",
    endTime: "2026-11-21T08:00:12.500Z",
    durationSeconds: 12,
    billableSeconds: 10,
    disposition: "ANSWERED",
    hangupBy: "CALLEE",
    hangupCauseCode: 16,
    madeByUs: false,
  }],
  ["with a cause code that is a number", { hangupCauseCode: 102 }, { hangupCauseCode: 102 }],
  ["with a cause code of 0", { hangupCauseCode: "0" }, { hangupCauseCode: 0 }],
  ["with an unusable cause code", { hangupCauseCode: 16.5 }, { hangupCauseCode: null }],
  ["with durations as text", { duration: "12", billableSeconds: "10" }, {
    durationSeconds: 12,
    billableSeconds: 10,
  }],
  ["with nulls", { answerTime: null, source: null, hangupCauseCode: null }, {
    answerTime: null,
    source: null,
    hangupCauseCode: null,
  }],
  ["of an unanswered call", { disposition: "NO ANSWER", hangupBy: "CALLER", answerTime: null }, {
    disposition: "NO ANSWER",
    hangupBy: "CALLER",
  }],
  ["of a busy one", { disposition: "BUSY" }, { disposition: "BUSY" }],
  ["of a failed one", { disposition: "FAILED" }, { disposition: "FAILED" }],
  ["of a cancelled one", { disposition: "CANCEL" }, { disposition: "CANCEL" }],
  ["with unknown words", { disposition: "MELTED", hangupBy: "GOD" }, {
    disposition: null,
    hangupBy: null,
  }],
  ["with unknown members", { recordingUrl: "https://x", tags: ["a"], event2: { a: 1 } }, {
    sessionId: "c1",
  }],
];

for (const [name, said, kept] of FORMS) {
  Deno.test(`inbound call stores a CDR ${name}`, async () => {
    await using server = await TestServer.start({ settings: QUIET });
    await using platform = await answered(server);
    platform.send({ event: "hangup" });
    platform.send({ ...FULL, ...said });
    assertEquals((await platform.whenClosed()).code, 1000);
    const call = await withCdr(server);
    assertObjectMatch({ ...call.cdr }, kept);
    const last = (await server.record(call)).at(-1)!;
    assertEquals(last.type, "cdr");
    assertEquals((last.data as Message)["received"], { ...FULL, ...said });
  });
}

Deno.test("inbound call stores a CDR with few members", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  platform.send({ event: "hangup" });
  platform.send({ event: "cdr" });
  assertEquals((await platform.whenClosed()).code, 1000);
  assertObjectMatch({ ...(await withCdr(server)).cdr }, { madeByUs: false, answerTime: null });
});

Deno.test("inbound call shows its CDR in the call log", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  platform.send({ event: "hangup" });
  platform.send(FULL);
  await platform.whenClosed();
  await withCdr(server);
  const [entry] = (await server.rest("GET", "/calls")).calls;
  assertObjectMatch(entry, { state: "ended", endedBy: "caller", cdr: { hangupCauseCode: 16 } });
  assertEquals(entry.liveConversationToken, undefined);
});

Deno.test("inbound call ends with a CDR that arrives without a hangup", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  platform.send(FULL);
  assertEquals((await platform.whenClosed()).code, 1000);
  assertEquals((await withCdr(server)).state, "ended");
});

Deno.test("inbound call writes its own CDR when none arrives after the hangup", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET, INBOUND_CDR_WAIT_MS: "20" },
  });
  await using platform = await answered(server);
  platform.send({ event: "hangup" });
  assertEquals(await platform.whenClosed(), { code: 1000, reason: "no CDR came" });
  const { cdr } = await withCdr(server);
  assertObjectMatch({ ...cdr }, {
    madeByUs: true,
    sessionId: "c1",
    source: "+254712345678",
    destination: "5000",
    disposition: "ANSWERED",
    hangupBy: "CALLER",
    hangupCauseCode: 16,
  });
});

Deno.test("inbound call writes its own CDR when the connection is lost", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const platform = await RawSocket.open(server.port, "/");
  await platform.send(INCOMING);
  await platform.next({ event: "answer" });
  platform.leave();
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 1006);
  const { cdr, endedBy } = await withCdr(server);
  assertEquals(endedBy, "lost");
  assertObjectMatch({ ...cdr }, { madeByUs: true, hangupCauseCode: 38, disposition: "ANSWERED" });
});

Deno.test("inbound call writes its own CDR when the connection is lost while it rings", async () => {
  await using server = await TestServer.start({
    settings: { ...QUIET, INBOUND_ANSWER_AFTER_MS: "never" },
  });
  const platform = await RawSocket.open(server.port, "/");
  await platform.send(INCOMING);
  await platform.send("not json");
  await server.log.some(({ what }) => what === "not json");
  platform.leave();
  await server.log.some(({ msg }) => msg === "session ended");
  const { cdr } = await withCdr(server);
  assertObjectMatch({ ...cdr }, { madeByUs: true, disposition: "NO ANSWER", billableSeconds: 0 });
});

Deno.test("inbound call writes one CDR of its own when the connection is lost while it waits for one", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const platform = await RawSocket.open(server.port, "/");
  await platform.send(INCOMING);
  await platform.next({ event: "answer" });
  await platform.send({ event: "hangup" });
  await server.call("inbound", "c1", ({ state }) => state === "ended");
  platform.leave();
  const call = await withCdr(server);
  assertEquals(call.endedBy, "caller");
  const types = (await server.record(call)).map(({ type }) => type);
  assertEquals(types, ["started", "answered", "ended", "cdr"]);
});

Deno.test("inbound call numbers its record from 1 without gaps", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  await using platform = await answered(server);
  for (const digit of "123") platform.send({ event: "dtmf", digit });
  platform.send({ event: "hangup" });
  platform.send({ ...FULL, hangupCauseCode: 1.5 });
  await platform.whenClosed();
  const call = await withCdr(server);
  const numbers = (await server.record(call)).map(({ seq }) => seq);
  assertEquals(numbers, [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(call.lastSeq, 7);
});

async function answered(server: TestServer): Promise<Client> {
  const platform = await Client.open(server.ws("/"));
  platform.send(INCOMING);
  await platform.next({ event: "answer" });
  return platform;
}

function withCdr(server: TestServer): Promise<CallRecord> {
  return server.call("inbound", "c1", ({ cdr }) => cdr !== null);
}
