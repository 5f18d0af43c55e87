/** A call that was given up comes back while its end is still being written, or after a real one. */
import { assertEquals } from "@std/assert";
import { CallWriter } from "../calls/writer.ts";
import { writeCdr } from "../routes/reconnects.ts";
import { SEED } from "./support/book.ts";
import { TestServer } from "./support/server.ts";

const LOST = { type: "ended", actor: "line", data: { by: "lost", reason: "gone" } } as const;
const OVER = { type: "ended", actor: "line", data: { by: "caller", reason: "over" } } as const;

/** A call in a real store, whose records follow what is written. */
async function aCall(server: TestServer) {
  const book = server.server.parts.calls;
  const call = await book.begin({ ...SEED, line: "jambonz" });
  const failed = (error: unknown) => {
    throw error;
  };
  const writer = new CallWriter(book, failed, new AbortController().signal);
  writer.resume(call);
  const cdr = () => writeCdr(writer, () => new Date());
  const types = async () => (await book.read(call.id, 0, 100)).map(({ type }) => type);
  return { book, call, writer, cdr, types };
}

Deno.test("a CDR made for a call that came back meanwhile is not its CDR", async () => {
  await using server = await TestServer.start();
  const { book, call, writer, cdr, types } = await aCall(server);
  await book.record(call.id, LOST);
  const back = book.record(call.id, { type: "line_back", actor: "line", data: {} });
  cdr();
  await back;
  await writer.settled;
  assertEquals(await types(), ["started", "ended", "line_back", "cdr"]);
  assertEquals([book.call(call.id)?.state, book.call(call.id)?.cdr], ["answered", null]);
  await book.record(call.id, OVER);
  cdr();
  await writer.settled;
  const over = await book.find(call.id);
  assertEquals([over?.endedBy, over?.cdr?.hangupBy], ["caller", "CALLER"]);
});

Deno.test("a call ends once, also when all of it is there already", async () => {
  await using server = await TestServer.start();
  const { book, call, writer, cdr, types } = await aCall(server);
  await book.record(call.id, OVER);
  cdr();
  await writer.settled;
  assertEquals(await book.record(call.id, LOST), undefined);
  assertEquals(await types(), ["started", "ended", "cdr"]);
});

Deno.test("a call that came back and ended for good is not opened again, and its record stays", async () => {
  await using server = await TestServer.start();
  const { book, call, writer, cdr, types } = await aCall(server);
  await book.record(call.id, LOST);
  cdr();
  await writer.settled;
  await book.reopen("jambonz", call.platformId);
  await book.record(call.id, OVER);
  cdr();
  await writer.settled;
  assertEquals(await book.reopen("jambonz", call.platformId), undefined);
  const over = await book.find(call.id);
  assertEquals([over?.state, over?.endedBy, over?.cdr === null], ["ended", "caller", false]);
  assertEquals(await types(), ["started", "ended", "cdr", "line_back", "ended", "cdr"]);
});

Deno.test("a call ends once, also when its new socket is told of behind the end", async () => {
  await using server = await TestServer.start();
  const { book, call, types } = await aCall(server);
  await book.record(call.id, OVER);
  await book.record(call.id, { type: "line_back", actor: "line", data: {} });
  assertEquals(await book.record(call.id, LOST), undefined);
  assertEquals(await types(), ["started", "ended", "line_back"]);
});
