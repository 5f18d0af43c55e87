import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Client } from "../support/client.ts";
import { FullDisk } from "../support/full_disk.ts";
import { incomingCall, pressed, said } from "../support/site.ts";

const QUIET = { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" };
const DEAL = {
  transcript: "I buy one hundred bags of maize.",
  parties: [{ phone: "+254712345678", role: "buyer" }, { phone: "+254787654321", role: "seller" }],
  contract_type: "other",
  terms: {},
};

Deno.test("REST answers 503 while the disk is full, and neither it nor readyz reveals the reason", async () => {
  await using site = await FullDisk.start();
  const create = () => site.ask("POST", "/api/v1/contracts/create", DEAL);
  const { body: { contract_id } } = await create();
  assertEquals((await site.ask("GET", "/readyz")).status, 200);
  await site.fillUp();
  for (let times = 0; times < 2; times++) {
    const { status, headers, body } = await create();
    assertEquals(status, 503);
    assertEquals(headers.get("content-type"), "application/problem+json");
    assert(Number(headers.get("retry-after")) > 0);
    assertEquals(
      body.detail,
      "Nothing was persisted, so nothing was done: the store takes no writes now",
    );
    assertEquals([body.status, body.title], [503, "Service Unavailable"]);
  }
  const change = { status: "cancelled" };
  assertEquals((await site.ask("PUT", `/api/v1/contracts/${contract_id}`, change)).status, 503);
  const ready = await site.ask("GET", "/readyz");
  assertEquals(ready.status, 503);
  assertEquals(ready.body.detail, "The store accepts no writes; the log has the cause");
  assertEquals((await site.ask("GET", "/livez")).status, 200);
  // Reads still work.
  const { contracts, total } = await site.rest("GET", "/contracts");
  assertEquals([total, contracts[0].status], [1, "pending"]);
  await site.makeSpace();
  assertEquals((await site.ask("GET", "/readyz")).status, 200);
  assertEquals((await create()).status, 201);
  assertEquals((await site.rest("GET", "/contracts")).total, 2);
});

Deno.test("an idempotent POST can be repeated after a full disk", async () => {
  await using site = await FullDisk.start();
  const create = () =>
    site.ask("POST", "/api/v1/contracts/create", DEAL, { "idempotency-key": "once" });
  await site.fillUp();
  assertEquals((await create()).status, 503);
  await site.makeSpace();
  const first = await create();
  assertEquals(first.status, 201);
  assertEquals((await create()).body, first.body);
  assertEquals((await site.rest("GET", "/contracts")).total, 1);
});

Deno.test("an inbound call continues while the disk is full, and all of it is recorded later", async () => {
  await using site = await FullDisk.start({ ...QUIET, INBOUND_CDR_WAIT_MS: "100" });
  await using line = await site.inboundCall("in-1");
  const { id, liveConversationToken } = await site.call("in-1");
  await using watcher = await site.watch(liveConversationToken);
  await watcher.next({ type: "event:start" });
  await site.fillUp();
  for (const digit of "123") line.send({ event: "dtmf", digit });
  const audio = Uint8Array.from({ length: 320 }, (_, at) => at % 251);
  line.send(audio);
  assertEquals(await line.nextAudio(), audio);
  watcher.send({ type: "client:endCall", id: "e1" });
  const { description } = await watcher.next({ type: "error" });
  assertStringIncludes(String(description), "it cannot be recorded");
  line.send({ event: "dtmf", digit: "4" });
  line.send({ event: "hangup" });
  // A timer ends the call: no CDR has come.
  assertEquals((await line.whenClosed()).code, 1000);
  assertEquals(site.record(id).map(({ type }) => type).includes("dtmf"), false);
  await site.makeSpace();
  await watcher.next({ type: "event:callEnd" });
  await site.call("in-1", ({ cdr }) => cdr !== null);
  const record = site.record(id);
  assertEquals(record.map(({ seq }) => seq), record.map((_, at) => at + 1));
  assertEquals(
    record.filter(({ type }) => type === "dtmf").map(({ data }) => data.digit).join(""),
    "1234",
  );
  assertEquals(record.slice(-2).map(({ type }) => type), ["ended", "cdr"]);
  assertEquals(record.at(-1)?.data.cdr.madeByUs, true);
});

Deno.test("a jambonz call continues while the disk is full, and all of it is recorded later", async () => {
  await using site = await FullDisk.start();
  await using line = await site.jambonzCall("sid-1");
  const { id, liveConversationToken } = await site.call("sid-1");
  await using watcher = await site.watch(liveConversationToken);
  await watcher.next({ type: "transcript" });
  await site.fillUp();
  for (const digit of "1234") {
    line.send(pressed(digit, "sid-1", line));
    const ack = await line.next({ type: "ack", msgid: `pressed ${digit}` });
    assertStringIncludes(JSON.stringify(ack), `You pressed ${digit}`);
  }
  line.send(said("call:status", "st", "sid-1", { call_status: "completed" }));
  await site.makeSpace();
  for (const digit of "1234") {
    await watcher.next({ type: "transcript", msg: `You pressed ${digit}.` });
  }
  await watcher.next({ type: "event:callEnd" });
  await site.call("sid-1", ({ cdr }) => cdr !== null);
  const record = site.record(id);
  assertEquals(record.map(({ seq }) => seq), record.map((_, at) => at + 1));
  const said_ = record.flatMap(({ type, data }) =>
    type === "dtmf" ? [data.digit] : type === "transcript" ? [data.msg] : []
  ).slice(1);
  assertEquals(said_, [..."1234"].flatMap((digit) => [digit, `You pressed ${digit}.`]));
  assertEquals(record.slice(-2).map(({ type }) => type), ["ended", "cdr"]);
});

Deno.test("new calls are refused politely while the disk is full, and accepted afterwards", async () => {
  await using site = await FullDisk.start({ ...QUIET, INBOUND_CDR_WAIT_MS: "0" });
  await site.fillUp();
  await using inbound = await Client.open(site.ws("/"));
  inbound.send(incomingCall("in-1"));
  assertEquals(await inbound.next(), { event: "hangup" });
  assertEquals((await inbound.whenClosed()).code, 1000);
  await using jambonz = await site.jambonz();
  jambonz.send(said("session:new", "new", "sid-1", { from: "+15083084809", to: "1001" }));
  // An empty ack rejects the call.
  assertEquals(await jambonz.next(), { type: "ack", msgid: "new" });
  assertEquals(await site.rest("GET", "/calls").then(({ calls }) => calls), []);
  await site.makeSpace();
  await using again = await site.inboundCall("in-2");
  await using other = await site.jambonzCall("sid-2");
  assertEquals((await site.rest("GET", "/calls")).calls.length, 2);
  await again.close();
  await other.close();
});

Deno.test("a full disk is logged once when it begins and once when it ends, however many calls wait", async () => {
  await using site = await FullDisk.start({ ...QUIET, LOG_LEVEL: "debug" });
  const lines = [];
  for (const id of ["in-1", "in-2", "in-3"]) lines.push(await site.inboundCall(id));
  await using files = new AsyncDisposableStack();
  for (const line of lines) files.use(line);
  await site.fillUp();
  for (const line of lines) line.send({ event: "dtmf", digit: "1" });
  assertEquals((await site.ask("POST", "/api/v1/contracts/create", DEAL)).status, 503);
  await using refused = await Client.open(site.ws("/"));
  refused.send(incomingCall("in-4"));
  assertEquals(await refused.next(), { event: "hangup" });
  // Each of the three retries every second.
  for (let tries = 0; tries < 12; tries++) {
    await site.log.next((line) => line.includes('"msg":"a write was not stored"'));
  }
  await site.makeSpace();
  const over = JSON.parse(await site.log.next((line) => line.includes("accepts writes again")));
  assertEquals([over.level, typeof over.lastedMs], ["warn", "number"]);
  // On SIGUSR1 Deno announces its debugger.
  const told = site.log.all.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter(({ level }) => level === "error" || level === "warn");
  assertEquals(told.map(({ msg }) => msg), [
    "the store accepts no writes",
    "the store accepts writes again",
  ]);
  assertStringIncludes(String(told[0].error), "disk I/O error");
  for (const id of ["in-1", "in-2", "in-3"]) {
    const { id: callId } = await site.call(id, ({ lastSeq }) => lastSeq === 3);
    assertEquals(site.record(callId).at(-1)?.type, "dtmf");
  }
});
