/** A server restarts, and a jambonz server reconnects during a call. */
import { assertEquals } from "@std/assert";
import { AppFile, serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import { Client, type Message } from "../support/client.ts";
import { JAMBONZ, said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

/** Verbs that end a call, answered or not: jambonz has not said which, and skips the wrong one. */
const END = [{ verb: "hangup" }, { verb: "sip:decline", status: 603, reason: "Decline" }];

/** A call whose app starts before the server restarts. */
class Restarted implements AsyncDisposable {
  readonly #directory = Deno.makeTempDirSync();
  readonly #app: AppFile;
  #server: TestServer | undefined;

  constructor(body: string) {
    this.#app = new AppFile(body);
  }

  get server(): TestServer {
    return this.#server!;
  }

  /** The verbs of the first ack. */
  async begin(): Promise<{ line: Client; verbs: Message[] }> {
    await this.#start();
    const line = await Client.open(this.server.ws("/jambonz"), JAMBONZ);
    line.send(sessionNew());
    const { data } = await line.next({ type: "ack", msgid: "new" });
    return { line, verbs: data as Message[] };
  }

  /** Restarts the server; resolves when jambonz is back. */
  async restart(lost: Client): Promise<Client> {
    await this.server.stop();
    await lost.whenClosed();
    await this.#start();
    const line = await Client.open(this.server.ws("/jambonz"), JAMBONZ);
    line.send(said("session:reconnect", "again"));
    assertEquals((await line.next({ type: "ack", msgid: "again" }))["data"], undefined);
    return line;
  }

  /** The notes of the record, in order, once the last of them is there. */
  async notes(last: string): Promise<string[]> {
    const call = await this.server.call("jambonz", "sid-1");
    const has = () =>
      this.server.server.services.calls.events(call.id).flatMap(({ type, data }) =>
        type === "note" ? [data.text] : []
      );
    if (!has().includes(last)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      using _following = this.server.server.services.calls.follow(
        call.id,
        ({ type, data }) => type === "note" && data.text === last && resolve(),
      );
      await within(promise, () => `there is no note "${last}"`);
    }
    return has();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.stop();
    this.#app[Symbol.dispose]();
    Deno.removeSync(this.#directory, { recursive: true });
  }

  async #start(): Promise<void> {
    const settings = { DATABASE_URL: `sqlite:${this.#directory}/calls.db` };
    this.#server = await serverWith(this.#app.path, { settings });
  }
}

/** The next redirect: whether it is queued, and its verbs. */
async function redirected(line: Client): Promise<[boolean, Message[]]> {
  const { queueCommand, data } = await line.next({ command: "redirect" });
  return [queueCommand as boolean, data as Message[]];
}

function hook(verb: Message | undefined, msgid: string, data: Message): Message {
  return { ...said("verb:hook", msgid, data), hook: String(verb?.["actionHook"]) };
}

Deno.test("an app that is not gathering starts again at session:reconnect", async () => {
  await using call = new Restarted(`
    call.note(call.resumed ? "resumed" : "new");
    call.say("Hello");
    for await (const event of call);
  `);
  const { line: lost } = await call.begin();
  await using line = await call.restart(lost);
  const [queued, [first]] = await redirected(line);
  assertEquals([queued, first], [false, { verb: "say", text: "Hello" }]);
  assertEquals(await call.notes("resumed"), ["new", "resumed"]);
});

Deno.test("an app that was gathering when the server died asks again, replacing what runs", async () => {
  await using call = new Restarted(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  const [queued, [again]] = await redirected(line);
  assertEquals([queued, again!["verb"], again!["say"]], [false, "gather", { text: "Key?" }]);
  assertEquals(again!["actionHook"] === before!["actionHook"], false);
  line.send(hook(again, "h1", { digits: "5" }));
  const { data } = await line.next({ type: "ack", msgid: "h1" });
  assertEquals((data as Message[])[0], { verb: "say", text: "You pressed 5" });
});

Deno.test("a key for the gather from before the restart answers the same question", async () => {
  await using call = new Restarted(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  await redirected(line);
  line.send(hook(before, "h1", { digits: "4" }));
  const { data } = await line.next({ type: "ack", msgid: "h1" });
  assertEquals((data as Message[])[0], { verb: "say", text: "You pressed 4" });
});

Deno.test("a key that arrives before the app has asked again is not lost", async () => {
  await using call = new Restarted(`
    if (call.resumed) for await (const { kind } of call) if (kind === "transcript") break;
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  line.send(hook(before, "h1", { digits: "4" }));
  await line.next({ type: "ack", msgid: "h1" });
  const { id } = await call.server.call("jambonz", "sid-1");
  await call.server.rest("POST", `/calls/${id}/transcript`, { role: "other", text: "go on" });
  assertEquals((await redirected(line))[1][0], { verb: "say", text: "You pressed 4" });
});

Deno.test("a key for a different question is not the answer to this one", async () => {
  await using call = new Restarted(`
    const say = call.resumed ? "Second?" : "First?";
    const { digits } = await call.gather({ say, digits: 1 });
    call.say("You pressed " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  const [, [again]] = await redirected(line);
  assertEquals(again!["say"], { text: "Second?" });
  line.send(hook(before, "h1", { digits: "4" }));
  // At once: jambonz does not ask the second question before it has this ack.
  assertEquals((await line.next({ type: "ack", msgid: "h1" }))["data"], undefined);
  line.send(hook(again, "h2", { digits: "5" }));
  const { data } = await line.next({ type: "ack", msgid: "h2" });
  assertEquals((data as Message[])[0], { verb: "say", text: "You pressed 5" });
});

Deno.test("a key that arrives before the app asks a different question is not its answer", async () => {
  await using call = new Restarted(`
    if (call.resumed) for await (const { kind } of call) if (kind === "transcript") break;
    const say = call.resumed ? "Second?" : "First?";
    const { digits } = await call.gather({ say, digits: 1 });
    call.say("You pressed " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  line.send(hook(before, "h1", { digits: "4" }));
  await line.next({ type: "ack", msgid: "h1" });
  const { id } = await call.server.call("jambonz", "sid-1");
  await call.server.rest("POST", `/calls/${id}/transcript`, { role: "other", text: "go on" });
  assertEquals((await redirected(line))[1][0]!["say"], { text: "Second?" });
});

Deno.test("a timeout of the gather from before the restart is ignored: the app has asked again", async () => {
  await using call = new Restarted(`
    const { by, digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say(by + " " + digits);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  const [, [again]] = await redirected(line);
  line.send(hook(before, "h1", { reason: "timeout" }));
  assertEquals((await line.next({ type: "ack", msgid: "h1" }))["data"], undefined);
  line.send(hook(again, "h2", { digits: "5" }));
  const { data } = await line.next({ type: "ack", msgid: "h2" });
  assertEquals((data as Message[])[0], { verb: "say", text: "digits 5" });
});

Deno.test("an answer to the gather from before the restart stops the repeated one", async () => {
  await using call = new Restarted(`
    await call.gather({ say: "Key?", digits: 1 });
    for await (const event of call);
  `);
  const { line: lost, verbs: [before] } = await call.begin();
  await using line = await call.restart(lost);
  await redirected(line);
  line.send(hook(before, "h1", { digits: "4" }));
  // An empty ack would let it continue.
  assertEquals((await line.next({ type: "ack", msgid: "h1" }))["data"], [{ verb: "config" }]);
});

Deno.test("a resumed app continues from its memory", async () => {
  await using call = new Restarted(`
    if (call.memory.name === undefined) {
      const { digits } = await call.gather({ say: "Key?", digits: 1 });
      await call.remember({ name: digits });
    }
    call.say("Hello " + call.memory.name);
    for await (const event of call);
  `);
  const { line: lost, verbs: [gather] } = await call.begin();
  lost.send(hook(gather, "h1", { digits: "4" }));
  await lost.next({ type: "ack", msgid: "h1" });
  await using line = await call.restart(lost);
  assertEquals((await redirected(line))[1][0], { verb: "say", text: "Hello 4" });
});

Deno.test("contracts opened before a restart are not opened twice", async () => {
  await using call = new Restarted(`
    const parties = [{ phone: "+254712345678", role: "buyer" }, { phone: "+254787654321", role: "seller" }];
    await call.contracts.create({ transcript: "a deal", parties });
    await call.gather({ say: "Key?", digits: 1 });
  `);
  const { line: lost } = await call.begin();
  await using line = await call.restart(lost);
  await redirected(line);
  assertEquals((await call.server.rest("GET", "/contracts/")).total, 1);
});

Deno.test("an app that has hung up does not start again, and the call ends", async () => {
  await using call = new Restarted(`call.note("begun"); call.say("Goodbye"); call.hangup();`);
  const { line: lost } = await call.begin();
  await using line = await call.restart(lost);
  assertEquals(await redirected(line), [true, END]);
  assertEquals(await call.notes("begun"), ["begun"]);
});

Deno.test("an app that has transferred its call does not take the caller back", async () => {
  await using call = new Restarted(`call.say("One moment"); call.transfer("+15551230000");`);
  const { line: lost, verbs } = await call.begin();
  assertEquals(verbs.map(({ verb }) => verb), ["say", "dial", "hangup"]);
  await using line = await call.restart(lost);
  assertEquals(await redirected(line), [true, END]);
  // Nor when jambonz asks: the next command is not its own.
  line.send({ ...said("verb:hook", "h1"), hook: "/elsewhere" });
  assertEquals((await line.next({ type: "ack", msgid: "h1" }))["data"], undefined);
  const { id } = await call.server.call("jambonz", "sid-1");
  await call.server.rest("POST", `/calls/${id}/actions`, { action: "send_digits", digits: "1" });
  assertEquals((await line.next({ type: "command" }))["command"], "dtmf");
});

Deno.test("a caller who was transferred to a watcher stays with the watcher", async () => {
  await using call = new Restarted(`
    call.note(call.resumed ? "resumed" : "new");
    call.say("Hello");
    for await (const event of call);
  `);
  const { line: lost } = await call.begin();
  const { id } = await call.server.call("jambonz", "sid-1");
  const { calls } = call.server.server.services;
  await calls.record(id, {
    type: "join_requested",
    actor: "ann",
    data: { messageId: "1", number: "+15551230000" },
  });
  await calls.record(id, { type: "screening_ended", actor: "us", data: { msg: "handed over" } });
  await using line = await call.restart(lost);
  // The next message on this line follows anything the app would have said.
  await call.server.rest("POST", `/calls/${id}/actions`, { action: "send_digits", digits: "1" });
  await line.next({ command: "dtmf" });
  assertEquals(line.messages.filter(({ command }) => command === "redirect"), []);
  assertEquals((await call.notes("new")).includes("resumed"), false);
});
