import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import type { Client, Message } from "../../support/client.ts";
import { databaseFile } from "../../support/database_file.ts";
import { KeptServer } from "../../support/kept_server.ts";
import { pressed, said } from "../../support/site.ts";

Deno.test("liveCalls without after speaks the document's wire, without seq", async () => {
  await using server = await KeptServer.start();
  await using _line = await server.jambonzCall("sid-1");
  const { liveConversationToken } = await server.call("sid-1");
  await using watcher = await server.watch(liveConversationToken);
  await watcher.next({ type: "transcript" });
  assertEquals(watcher.messages.map(({ type }) => type), ["event:start", "transcript"]);
  for (const message of watcher.messages) assert(!("seq" in message));
});

Deno.test("liveCalls with after continues after that event, and numbers its messages", async () => {
  await using server = await KeptServer.start();
  await using line = await server.jambonzCall("sid-1");
  const { liveConversationToken } = await server.call("sid-1");
  await using first = await server.watch(liveConversationToken, 0);
  await press(line, "1");
  const one = await first.next({ type: "transcript", msg: "You pressed 1." });
  await first.close();
  await press(line, "2");
  await using second = await server.watch(liveConversationToken, Number(one["seq"]));
  await press(line, "3");
  await second.next({ type: "transcript", msg: "You pressed 3." });
  assertEquals(second.messages.map(({ msg }) => msg), ["You pressed 2.", "You pressed 3."]);
  const seqs = [...first.messages, ...second.messages].map(({ seq }) => Number(seq));
  assertEquals(seqs, [...new Set(seqs)].toSorted((a, b) => a - b), "in order, and none twice");
  await using ahead = await server.watch(liveConversationToken, 1000);
  ahead.send({ type: "client:endCall", id: "e1" });
  assertObjectMatch(await ahead.next(), { type: "ack", ackId: "e1" });
});

Deno.test("liveCalls with after leaves no gap while the call continues", async () => {
  await using server = await KeptServer.start();
  await using line = await server.jambonzCall("sid-1");
  const { id, liveConversationToken } = await server.call("sid-1");
  const pressing = (async () => {
    for (let count = 0; count < 200; count++) await press(line, "7");
    line.send(said("call:status", "st", "sid-1", { call_status: "completed" }));
  })();
  const heard: Message[] = [];
  // Leaves and comes back until the call is over.
  while (heard.at(-1)?.["type"] !== "event:callEnd") {
    await using watcher = await server.watch(
      liveConversationToken,
      Number(heard.at(-1)?.["seq"] ?? 0),
    );
    for (let count = 0; count < 10; count++) {
      const message = await watcher.next();
      heard.push(message);
      if (message["type"] === "event:callEnd") break;
    }
  }
  await pressing;
  const record = await server.server.services.store.calls.events(String(id), 0, 10_000);
  const tellable = record.filter(({ type }) => ["started", "transcript", "ended"].includes(type));
  assertEquals(heard.map(({ seq }) => seq), tellable.map(({ seq }) => seq));
});

Deno.test("liveCalls with after sends the end of a call that is over, and closes", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url };
  let token: unknown;
  let lastSeq = 0;
  {
    await using server = await KeptServer.start(settings);
    await using line = await server.jambonzCall("sid-1");
    token = (await server.call("sid-1"))["liveConversationToken"];
    await press(line, "1");
    line.send(said("call:status", "st", "sid-1", { call_status: "completed" }));
    lastSeq = Number((await server.call("sid-1", ({ cdr }) => cdr !== null))["lastSeq"]);
    await checkOver(server, token, lastSeq);
  }
  await using server = await KeptServer.start(settings);
  await checkOver(server, token, lastSeq);
});

async function checkOver(server: KeptServer, token: unknown, lastSeq: number): Promise<void> {
  await using late = await server.watch(token, 1);
  await late.next({ type: "event:callEnd" });
  assertEquals((await late.whenClosed()).code, 1000);
  assertEquals(
    late.messages.map(({ type }) => type),
    ["transcript", "transcript", "event:callEnd"],
  );
  await using knowing = await server.watch(token, lastSeq);
  assertEquals((await knowing.whenClosed()).code, 1000);
  assertEquals(knowing.messages, []);
}

/** The caller presses a digit, and the application answers. */
async function press(line: Client, digits: string): Promise<void> {
  line.send(pressed(digits, "sid-1", line));
  await line.next({ type: "ack", msgid: `pressed ${digits}` });
}
