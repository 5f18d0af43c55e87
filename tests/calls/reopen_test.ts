/** A call that was given up comes back while its end is still being written, or after a real one. */
import { assertEquals } from "@std/assert";
import { CallWriter } from "../../calls/writer.ts";
import { writeCdr } from "../../calls/reconnects.ts";
import { SEED } from "../support/calls.ts";
import { TestServer } from "../support/server.ts";

const LOST = { type: "ended", actor: "line", data: { by: "lost", reason: "gone" } } as const;
const OVER = { type: "ended", actor: "line", data: { by: "caller", reason: "over" } } as const;

/** A call in a real store, whose records follow the writes. */
async function aCall(server: TestServer) {
  const { calls, store } = server.server.services;
  const call = await calls.begin({ ...SEED, line: "jambonz" });
  const failed = (error: unknown) => {
    throw error;
  };
  const writer = new CallWriter(calls, failed, new AbortController().signal);
  writer.resume(call);
  const cdr = () => writeCdr(writer, () => new Date());
  const types = async () => (await store.calls.events(call.id, 0, 100)).map(({ type }) => type);
  return { calls, call, writer, cdr, types };
}

Deno.test("a CDR written for a call that came back meanwhile is not its CDR", async () => {
  await using server = await TestServer.start();
  const { calls, call, writer, cdr, types } = await aCall(server);
  await calls.record(call.id, LOST);
  const back = calls.record(call.id, { type: "line_back", actor: "line", data: {} });
  cdr();
  await back;
  await writer.settled;
  assertEquals(await types(), ["started", "ended", "line_back", "cdr"]);
  assertEquals([calls.call(call.id)?.state, calls.call(call.id)?.cdr], ["answered", null]);
  await calls.record(call.id, OVER);
  cdr();
  await writer.settled;
  const over = await calls.find(call.id);
  assertEquals([over?.endedBy, over?.cdr?.hangupBy], ["caller", "CALLER"]);
});

Deno.test("a call ends once, even if all of its end is already recorded", async () => {
  await using server = await TestServer.start();
  const { calls, call, writer, cdr, types } = await aCall(server);
  await calls.record(call.id, OVER);
  cdr();
  await writer.settled;
  assertEquals(await calls.record(call.id, LOST), undefined);
  assertEquals(await types(), ["started", "ended", "cdr"]);
});

Deno.test("a call that came back and ended for good is not reopened, and its record stays", async () => {
  await using server = await TestServer.start();
  const { calls, call, writer, cdr, types } = await aCall(server);
  await calls.record(call.id, LOST);
  cdr();
  await writer.settled;
  await calls.reopen("jambonz", call.platformId);
  await calls.record(call.id, OVER);
  cdr();
  await writer.settled;
  assertEquals(await calls.reopen("jambonz", call.platformId), undefined);
  const over = await calls.find(call.id);
  assertEquals([over?.state, over?.endedBy, over?.cdr === null], ["ended", "caller", false]);
  assertEquals(await types(), ["started", "ended", "cdr", "line_back", "ended", "cdr"]);
});

Deno.test("a call ends once, even if its new socket is reported after the end", async () => {
  await using server = await TestServer.start();
  const { calls, call, types } = await aCall(server);
  await calls.record(call.id, OVER);
  await calls.record(call.id, { type: "line_back", actor: "line", data: {} });
  assertEquals(await calls.record(call.id, LOST), undefined);
  assertEquals(await types(), ["started", "ended", "line_back"]);
});

Deno.test("a lost call is not reopened for a platform that cannot know of it", async () => {
  await using server = await TestServer.start();
  const { calls, call, cdr, writer, types } = await aCall(server);
  await calls.record(call.id, LOST);
  cdr();
  await writer.settled;
  const told: string[] = [];
  const sees = ({ to }: { to: string | null }) => told.push(String(to)) === 0;
  assertEquals(await calls.reopen("jambonz", call.platformId, sees), undefined);
  assertEquals([told, await types()], [[SEED.to!], ["started", "ended", "cdr"]]);
  assertEquals((await calls.reopen("jambonz", call.platformId, () => true))?.id, call.id);
});
