/** An app answers after the socket that asked is gone, and the call is on another one. */
import { assertEquals } from "@std/assert";
import { madeUpCdr } from "../../../calls/cdr.ts";
import type { Verb } from "../../../protocols/jambonz/commands.ts";
import { AppFile, Gate, serverWith } from "../../support/apps.ts";
import { Arrivals } from "../../support/arrivals.ts";
import { Client, type Message } from "../../support/client.ts";
import { gathered, JAMBONZ, said, sessionNew } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const say = (text: string): Verb[] => [{ verb: "say", text }];

/** A server on whose calls the test answers, in the order of the questions. */
async function answering() {
  const asked = new Arrivals<(verbs: readonly Verb[]) => void>();
  const server = await TestServer.start();
  const { jambonzApps } = server.server.services;
  // No app starts on its own on the new socket.
  jambonzApps.goOn = () => {};
  jambonzApps.ask = () => {
    const { promise, resolve } = Promise.withResolvers<readonly Verb[]>();
    asked.push(resolve);
    return promise;
  };
  return { server, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function comesBack(server: TestServer, lost: Client): Promise<Client> {
  await lost.close(4001);
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  return line;
}

/** The commands that have arrived by the time at which the server has carried out a REST request. */
async function commands(server: TestServer, line: Client): Promise<Message[]> {
  const { id } = await server.call("jambonz", "sid-1");
  await server.rest("POST", `/calls/${id}/actions`, { action: "send_digits", digits: "1" });
  await line.next({ command: "dtmf" });
  return line.messages.filter(({ command }) => command === "redirect");
}

Deno.test("jambonz gets no late first answer: the new socket has asked again", async () => {
  await using answers = await answering();
  const { server, asked } = answers;
  const lost = await Client.open(server.ws("/jambonz"), JAMBONZ);
  lost.send(sessionNew());
  const late = await asked.next();
  await using line = await comesBack(server, lost);
  (await asked.next())(say("Hello"));
  assertEquals((await line.next({ type: "ack", msgid: "back" }))["data"], say("Hello"));
  late(say("Late"));
  assertEquals(await commands(server, line), []);
});

Deno.test("jambonz gets a late answer to a hook of the old socket on the new one, unless it is empty", async () => {
  for (const verbs of [say("Later"), []]) {
    using gate = new Gate();
    using end = new Gate();
    using app = new AppFile(`
      await call.gather({ digits: 1 });
      ${gate.wait}
      ${verbs.length === 0 ? "" : 'call.say("Later");'}
      ${end.wait}
    `);
    await using server = await serverWith(app.path);
    const lost = await Client.open(server.ws("/jambonz"), JAMBONZ);
    lost.send(sessionNew());
    await lost.next({ type: "ack", msgid: "new" });
    lost.send(gathered(lost, "h1", { digits: "1" }));
    await server.recorded(
      await server.call("jambonz", "sid-1"),
      ({ type }) => type === "dtmf",
    );
    await using line = await comesBack(server, lost);
    await line.next({ type: "ack", msgid: "back" });
    gate.open();
    const told = (await commands(server, line)).map(({ data }) => data);
    // A redirect without verbs would end the call.
    assertEquals(told, verbs.length === 0 ? [] : [verbs]);
  }
});

Deno.test("jambonz comes back for a call that ends before its ack is sent", async () => {
  await using answers = await answering();
  const { server, asked } = answers;
  const lost = await Client.open(server.ws("/jambonz"), JAMBONZ);
  lost.send(sessionNew());
  await asked.next();
  await using line = await comesBack(server, lost);
  const answer = await asked.next();
  const { calls } = server.server.services;
  const call = await server.call("jambonz", "sid-1");
  const ended = { by: "caller", reason: "completed" } as const;
  await calls.record(call.id, { type: "ended", actor: "line", data: ended });
  const cdr = madeUpCdr(calls.call(call.id)!, new Date());
  await calls.record(call.id, { type: "cdr", actor: "us", data: { cdr } });
  answer(say("Hello"));
  await line.next({ type: "ack", msgid: "back" });
  line.send({ ...said("session:new", "again") });
  // Its session has not failed: it acks messages.
  await line.next({ type: "ack", msgid: "again" });
});

Deno.test("jambonz loses the old socket of a call that is over, and its record is unchanged", async () => {
  await using server = await TestServer.start();
  const old = await Client.open(server.ws("/jambonz"), JAMBONZ);
  old.send(sessionNew());
  await old.next({ type: "ack", msgid: "new" });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  await line.next({ type: "ack", msgid: "back" });
  line.send(said("call:status", "over", { call_status: "completed" }));
  const over = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
  await old.close(4001);
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 4001);
  // The server's own work at the end of the session is done before it answers again.
  await server.rest("GET", "/calls");
  await server.server.services.calls.settled();
  assertEquals((await server.record(over)).at(-1)?.type, "cdr");
});
