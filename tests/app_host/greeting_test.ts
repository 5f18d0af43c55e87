/** The app of jambonz calls for which none is set. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { faultOfVerbs, spokenTexts } from "../../protocols/jambonz/verbs.ts";
import { Client, type Message } from "../support/client.ts";
import { databaseFile } from "../support/database_file.ts";
import { gathered, gatherHook, JAMBONZ, said, sessionNew } from "../support/lines.ts";
import { TestServer } from "../support/server.ts";

const STILL_THERE = "Are you still there? Please say something, or press a key.";
const NOT_HEARD = "I did not hear anything. Please say something, or press a key.";
const NO_RECOGNISER = { msg: "ASR error", verb: "gather", failover: "not available" };

/** A call that is greeted. */
class Greeted implements AsyncDisposable {
  #count = 0;

  private constructor(readonly server: TestServer, readonly line: Client) {}

  static async call(first: Message = sessionNew()): Promise<{ call: Greeted; verbs: Verb[] }> {
    const server = await TestServer.start();
    const call = new Greeted(server, await Client.open(server.ws("/jambonz"), JAMBONZ));
    call.line.send(first);
    return { call, verbs: await call.#answer(String(first["msgid"])) };
  }

  /** The verbs that answer the result of the last gather. */
  async hears(data: Message, hook: string = gatherHook(this.line)): Promise<Verb[]> {
    const msgid = `h${++this.#count}`;
    this.line.send({ ...gathered(this.line, msgid, data), hook });
    return await this.#answer(msgid);
  }

  /** The verbs of an answer, which jambonz must accept. */
  async #answer(msgid: string): Promise<Verb[]> {
    const { data = [] } = await this.line.next({ type: "ack", msgid });
    assertEquals(faultOfVerbs(data), undefined);
    return data as Verb[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line[Symbol.asyncDispose]();
    await this.server.stop();
  }
}

function names(verbs: readonly Verb[]): string[] {
  return verbs.map(({ verb }) => verb);
}

for (const type of ["session:new", "session:redirect", "session:adulting"]) {
  Deno.test(`the greeting greets and gathers when the call arrives with ${type}`, async () => {
    const { call, verbs } = await Greeted.call({ ...sessionNew(), type });
    await using _call = call;
    assertEquals(names(verbs), ["gather"]);
    assertStringIncludes(spokenTexts(verbs)[0]!, "Hello, this is Tipring.");
    assertEquals(verbs[0]!["input"], ["digits", "speech"]);
  });
}

Deno.test("the greeting repeats a pressed key, and gathers again", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  const verbs = await call.hears({ digits: "12", reason: "dtmfDetected" });
  assertEquals([names(verbs), spokenTexts(verbs)], [["gather"], ["You pressed 1 2."]]);
});

Deno.test("the greeting repeats recognised speech, and gathers again", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  const speech = { is_final: true, alternatives: [{ transcript: "good morning" }] };
  const verbs = await call.hears({ speech });
  assertEquals([names(verbs), spokenTexts(verbs)], [["gather"], ["You said: good morning."]]);
});

Deno.test("the greeting hangs up on 9", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  const verbs = await call.hears({ digits: "9" });
  assertEquals(names(verbs).slice(0, 2), ["say", "hangup"]);
  assertEquals(spokenTexts(verbs), ["Goodbye."]);
});

Deno.test("the greeting hangs up after three silences in a row, and not before", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  for (const silence of [1, 2]) {
    const verbs = await call.hears({ reason: "timeout" });
    assertEquals([names(verbs), spokenTexts(verbs)], [["gather"], [NOT_HEARD]], `${silence}`);
  }
  const verbs = await call.hears({ reason: "timeout" });
  assertEquals(names(verbs).slice(0, 2), ["say", "hangup"]);
  assertEquals(spokenTexts(verbs), ["I hear nothing. Goodbye."]);
});

Deno.test("the greeting resets its count of silences after any input", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  for (const data of [{}, {}, { digits: "1" }, {}, {}]) {
    assertEquals(names(await call.hears(data)), ["gather"]);
  }
});

Deno.test("the greeting ignores hooks of other verbs, and confirms every dial", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  assertEquals(await call.hears({ digits: "9" }, "/other"), []);
  call.line.send({ ...said("dial:confirm", "d1"), hook: "/confirm" });
  assertEquals(await call.line.next({ msgid: "d1" }), { type: "ack", msgid: "d1" });
  assertEquals(spokenTexts(await call.hears({ digits: "4" })), ["You pressed 4."]);
});

Deno.test("the greeting speaks any text it recognised, within one frame", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  for (const transcript of ['"quoted" \\ <speak>', "😀", "x".repeat(5000)]) {
    const verbs = await call.hears({ speech: { alternatives: [{ transcript }] } });
    assertEquals(spokenTexts(verbs), [`You said: ${transcript}.`]);
  }
});

Deno.test("the greeting continues with keys only when there is no recogniser", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  const { line } = call;
  line.send(said("jambonz:error", "e1", { ...NO_RECOGNISER, verb: "say" }));
  line.send(said("jambonz:error", "e2", { ...NO_RECOGNISER, failover: "in progress" }));
  assertEquals(spokenTexts(await call.hears({ digits: "1" })), ["You pressed 1."]);
  line.send(said("jambonz:error", "e3", NO_RECOGNISER));
  let verbs = (await line.next({ command: "redirect" }))["data"] as Verb[];
  assertEquals(spokenTexts(verbs), ["I can hear keys only. Press 9 to hang up."]);
  for (const data of [{ digits: "1" }, { reason: "timeout" }, { reason: "timeout" }]) {
    assertEquals(verbs[0]?.["input"], ["digits"]);
    verbs = await call.hears(data);
  }
  assertEquals(names(await call.hears({})).slice(0, 2), ["say", "hangup"]);
});

Deno.test("the greeting stops speaking when interrupted, and keeps listening", async () => {
  const { call } = await Greeted.call();
  await using _call = call;
  const { id } = await call.server.call("jambonz", "sid-1");
  await call.server.rest("POST", `/calls/${id}/actions`, { action: "interrupt" });
  await call.line.next({ command: "redirect", queueCommand: false });
  const { data } = await call.line.next({ command: "redirect", queueCommand: true });
  assertEquals([names(data as Verb[]), spokenTexts(data as Verb[])], [["gather"], []]);
  assertEquals(spokenTexts(await call.hears({ digits: "4" })), ["You pressed 4."]);
});

for (const when of ["from before the restart", "of the gather after it"]) {
  Deno.test(`the greeting continues after a restart, and accepts the answer ${when}`, async () => {
    await using file = await databaseFile();
    const settings = { DATABASE_URL: file.url };
    let before: string;
    {
      await using server = await TestServer.start({ settings });
      const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
      line.send(sessionNew());
      await line.next({ type: "ack", msgid: "new" });
      before = gatherHook(line);
      await server.stop();
      await line.whenClosed();
    }
    await using server = await TestServer.start({ settings });
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(said("session:reconnect", "back"));
    assertEquals(await line.next(), { type: "ack", msgid: "back" }, "nobody is greeted twice");
    const { queueCommand, data } = await line.next({ command: "redirect" });
    assertEquals([queueCommand, spokenTexts(data as Verb[])], [false, [STILL_THERE]]);
    const hook = when.startsWith("from") ? before : gatherHook(line);
    line.send({ ...said("verb:hook", "h1", { digits: "4" }), hook });
    const ack = await line.next({ type: "ack", msgid: "h1" });
    assertEquals(spokenTexts(ack["data"] as Verb[]), ["You pressed 4."]);
  });
}
