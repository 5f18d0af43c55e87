/** Messages that deviate from the platforms' document, over real sockets and in REST. */
import { assertEquals, assertMatch, assertObjectMatch, assertStringIncludes } from "@std/assert";
import { Client, type Message } from "../../support/client.ts";
import { BEARER, QUIET_INBOUND } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const settings = { ...QUIET_INBOUND, DEFAULT_COUNTRY: "KE" };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function ringing(server: TestServer, call: Message): Promise<Client> {
  const platform = await Client.open(server.ws("/"));
  platform.send({ event: "incoming_call", ...call });
  await platform.next({ event: "answer" });
  return platform;
}

Deno.test("inbound call accepts a caller's number as a JSON number, and finds the call by it", async () => {
  await using server = await TestServer.start({ settings });
  await using _call = await ringing(server, {
    callerId: 254712345678,
    didNumber: 5000,
    sessionId: 12,
  });
  const { calls: [call] } = await server.rest("GET", "/calls?from=254712345678&to=5000");
  assertObjectMatch(call, {
    from: "254712345678",
    fromE164: "+254712345678",
    to: "5000",
    toE164: null,
    platformId: "12",
  });
});

Deno.test("inbound call accepts a withheld caller: null in REST, withheld for a watcher", async () => {
  await using server = await TestServer.start({ settings });
  await using call = await ringing(server, { callerId: null, didNumber: null, sessionId: null });
  const { calls: [entry] } = await server.rest("GET", "/calls");
  assertObjectMatch(entry, { from: null, fromE164: null, to: null, toE164: null });
  assertMatch(entry.platformId, UUID);
  const query = new URLSearchParams({ conversationToken: entry.liveConversationToken });
  await using watcher = await Client.open(server.ws(`/ws/v1/liveCalls?${query}`), {
    headers: BEARER,
  });
  assertObjectMatch(await watcher.next(), { type: "event:start", phone: "withheld" });
  call.send({ event: "hangup" });
  call.send({ event: "cdr" });
  assertEquals((await call.whenClosed()).code, 1000);
  const { cdrs: [cdr] } = await server.rest("GET", "/cdrs");
  assertObjectMatch(cdr, { from: null, to: null, source: null, madeByUs: false });
  const csv = await (await fetch(server.http("/api/v1/cdrs?format=csv"))).text();
  assertStringIncludes(csv, ",inbound,inbound,,,,,,");
  for (const from of ["withheld", "null", "anonymous"]) {
    assertEquals((await server.rest("GET", `/calls?from=${from}`)).calls, [], from);
  }
});

Deno.test("inbound call writes a CDR without a number for a withheld caller", async () => {
  await using server = await TestServer.start({
    settings: { ...settings, INBOUND_CDR_WAIT_MS: "0" },
  });
  await using call = await ringing(server, { sessionId: "hidden" });
  call.send({ event: "hangup" });
  assertEquals((await call.whenClosed()).code, 1000);
  const { cdr } = await server.call("inbound", "hidden", ({ cdr }) => cdr !== null);
  assertObjectMatch({ ...cdr }, { source: null, destination: null, madeByUs: true });
});

Deno.test("inbound call gives each call without a session id its own id", async () => {
  await using server = await TestServer.start({ settings });
  await using _first = await ringing(server, { callerId: "1" });
  await using _second = await ringing(server, { callerId: "2" });
  const { calls } = await server.rest("GET", "/calls");
  assertEquals(new Set(calls.map(({ platformId }: Message) => platformId)).size, 2);
});

Deno.test("inbound call accepts keys as numbers and in lower case", async () => {
  await using server = await TestServer.start({ settings });
  await using call = await ringing(server, { sessionId: "keys" });
  for (const digit of [1, "a", 0, "D"]) call.send({ event: "dtmf", digit });
  const { id } = await server.call("inbound", "keys", ({ lastSeq }) => lastSeq >= 6);
  const { events } = await server.rest("GET", `/calls/${id}/events`);
  const keys = events.filter(({ type }: Message) => type === "dtmf");
  assertEquals(keys.map(({ data }: { data: Message }) => data["digit"]), ["1", "A", "0", "D"]);
});

Deno.test("a contract cannot be made with a withheld caller", async () => {
  await using server = await TestServer.start({ settings });
  for (const phone of ["withheld", null]) {
    const answer = await server.rest("POST", "/contracts/create", {
      transcript: "Ten bags.",
      parties: [{ phone, role: "buyer" }, { phone: "+254787654321", role: "seller" }],
    });
    assertEquals(answer.status, 422);
  }
});
