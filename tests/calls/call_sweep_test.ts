/** Calls without an owner are found and ended. */
import { assertEquals } from "@std/assert";
import { CallSweep } from "../../calls/call_sweep.ts";
import { inboundCall, jambonzCall, QUIET_INBOUND, sessionNew } from "../support/lines.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const SEED = { line: "jambonz", direction: "inbound", from: "1", to: "2" } as const;

/** A sweep over a server's calls, and its reports. */
function sweepOf(server: TestServer, { longestMs = Infinity, laterMs = 0 } = {}) {
  const { calls, failed, stopping } = server.server.services;
  const reported: string[] = [];
  const now = () => new Date(Date.now() + laterMs);
  const ending = (why: string) => void reported.push(why);
  const sweep = new CallSweep({ calls, failed, now, stopping, longestMs, ending });
  return { sweep, reported };
}

Deno.test("CallSweep ends a call without socket and deadline at the second sweep", async () => {
  await using server = await TestServer.start();
  const { sweep, reported } = sweepOf(server);
  await server.server.services.calls.begin({ ...SEED, platformId: "orphan" });
  sweep.run();
  assertEquals(reported, []);
  sweep.run();
  const { state, endedBy, cdr } = await server.call("jambonz", "orphan", ({ cdr }) => cdr !== null);
  assertEquals([state, endedBy, cdr?.madeByUs], ["ended", "lost", true]);
  sweep.run();
  assertEquals(reported, ["call without a holder"]);
});

Deno.test("CallSweep waits while the disk accepts no writes, and ends a call once", async () => {
  await using server = await TestServer.start();
  const { sweep, reported } = sweepOf(server);
  const { calls, store } = server.server.services;
  await calls.begin({ ...SEED, platformId: "orphan" });
  const { promise, resolve } = Promise.withResolvers<void>();
  const append = store.calls.append.bind(store.calls);
  store.calls.append = (...args) => promise.then(() => append(...args));
  for (let times = 0; times < 5; times++) sweep.run();
  assertEquals(reported, ["call without a holder"]);
  resolve();
  await server.call("jambonz", "orphan", ({ cdr }) => cdr !== null);
});

Deno.test("CallSweep writes the missing CDR of a call without a socket", async () => {
  await using server = await TestServer.start();
  const { sweep } = sweepOf(server);
  const { calls } = server.server.services;
  const { id } = await calls.begin({ ...SEED, platformId: "orphan" });
  await calls.record(id, { type: "ended", actor: "us", data: { by: "caller", reason: "" } });
  sweep.run();
  sweep.run();
  const { endedBy } = await server.call("jambonz", "orphan", ({ cdr }) => cdr !== null);
  assertEquals(endedBy, "caller");
});

Deno.test("CallSweep leaves calls alone that have a socket, or may come back", async () => {
  const settings = { ...QUIET_INBOUND, JAMBONZ_RECONNECT_WAIT_MS: "never" };
  await using server = await TestServer.start({ settings });
  const { sweep, reported } = sweepOf(server);
  await using _inbound = await inboundCall(server);
  await using _jambonz = await jambonzCall(server, "here");
  const lost = await RawSocket.open(server.port, "/jambonz", {
    "sec-websocket-protocol": "ws.jambonz.org",
  });
  await lost.send(sessionNew("lost"));
  await lost.next({ type: "ack" });
  lost.leave();
  const call = await server.call("jambonz", "lost");
  await server.recorded(call, ({ type }) => type === "line_lost");
  for (let times = 0; times < 3; times++) sweep.run();
  assertEquals(reported, []);
  assertEquals(server.server.services.calls.unheld, []);
});

Deno.test("CallSweep ends an inbound call whose session failed and left it without a socket", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  const { sweep, reported } = sweepOf(server);
  await using line = await inboundCall(server, "failed");
  const { sessions, calls } = server.server.services;
  // As after a throw of the protocol: nothing of the end is written.
  calls.record = () => Promise.resolve(undefined);
  await sessions.hangUpAll(1011, "internal error");
  assertEquals((await line.whenClosed()).code, 1011);
  Reflect.deleteProperty(calls, "record");
  sweep.run();
  sweep.run();
  await server.call("inbound", "failed", ({ cdr }) => cdr !== null);
  assertEquals(reported, ["call without a holder"]);
});

Deno.test("CallSweep ends a call that lasts longer than LIMIT_CALL_MS, once, on both lines", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  const { sweep, reported } = sweepOf(server, { longestMs: 60_000, laterMs: 61_000 });
  await using inbound = await inboundCall(server);
  await using jambonz = await jambonzCall(server);
  sweep.run();
  sweep.run();
  assertEquals(reported, Array(2).fill("call too long"));
  await inbound.next({ event: "hangup" });
  const { data } = await jambonz.next({ type: "command", command: "redirect" });
  assertEquals((data as { verb: string }[])[0]?.verb, "hangup");
  const { endedBy } = await server.call("inbound", "in-1", ({ state }) => state === "ended");
  assertEquals(endedBy, "us");
});
