/** An app receives jambonz's errors, and does not wait forever. */
import { assertEquals } from "@std/assert";
import { AppFile, serverWith } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { JAMBONZ, said, sessionNew } from "../support/lines.ts";

/** A call with this app, after its first ack. */
async function begun(body: string) {
  const app = new AppFile(body);
  const server = await serverWith(app.path);
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" });
  return {
    line,
    server,
    verbs: data as Message[],
    async [Symbol.asyncDispose]() {
      await line.close();
      await server.stop();
      app[Symbol.dispose]();
    },
  };
}

async function nextVerb(line: Client): Promise<Message | undefined> {
  return ((await line.next({ command: "redirect" }))["data"] as Message[])[0];
}

const NO_RECOGNISER = {
  msg: "ASR error",
  details: "Invalid vendor google, Error: no credentials",
  verb: "gather",
  failover: "not available",
};

Deno.test("call.gather() ends on a recogniser error, for which no hook arrives", async () => {
  await using call = await begun(`
    const { by } = await call.gather({ say: "Words?", digits: 0, speech: true });
    call.say("It was " + by);
  `);
  call.line.send(said("jambonz:error", "e1", NO_RECOGNISER));
  assertEquals(await nextVerb(call.line), { verb: "say", text: "It was error" });
});

Deno.test("call.gather() ends on an error in its hook", async () => {
  await using call = await begun(`
    const { by } = await call.gather({ say: "Words?", digits: 0, speech: true });
    call.say("It was " + by);
  `);
  const hook = { hook: String(call.verbs[0]!["actionHook"]) };
  call.line.send({ ...said("verb:hook", "h1", { reason: "error", details: "broken" }), ...hook });
  const { data } = await call.line.next({ type: "ack", msgid: "h1" });
  assertEquals((data as Message[])[0], { verb: "say", text: "It was error" });
});

Deno.test("call.gather() continues while another recogniser takes over, or a voice fails", async () => {
  await using call = await begun(`
    const { by, speech } = await call.gather({ say: "Words?", digits: 0, speech: true });
    call.say(by + " " + speech);
  `);
  call.line.send(said("jambonz:error", "e1", { ...NO_RECOGNISER, failover: "in progress" }));
  call.line.send(said("jambonz:error", "e2", { ...NO_RECOGNISER, verb: "say" }));
  const speech = { is_final: true, alternatives: [{ transcript: "a spade", confidence: 1 }] };
  const hook = { hook: String(call.verbs[0]!["actionHook"]) };
  call.line.send({ ...said("verb:hook", "h1", { speech }), ...hook });
  const { data } = await call.line.next({ type: "ack", msgid: "h1" });
  assertEquals((data as Message[])[0], { verb: "say", text: "speech a spade" });
});

Deno.test("an app receives each error of jambonz, with the verb that failed", async () => {
  await using call = await begun(`
    call.say("Hello");
    for await (const { kind, message, verb } of call) {
      if (kind === "error") call.say(verb + ": " + message);
    }
  `);
  call.line.send(
    said("jambonz:error", "e1", { msg: "TTS error", details: "no voice", verb: "say" }),
  );
  assertEquals(await nextVerb(call.line), { verb: "say", text: "say: TTS error: no voice" });
  call.line.send(said("jambonz:error", "e2", { details: { code: 7 } }));
  assertEquals(await nextVerb(call.line), { verb: "say", text: "null: " });
});

Deno.test("call.play() of a URL fails when jambonz finds nothing there", async () => {
  await using call = await begun(`call.say(await call.play("https://example.com/none.wav"));`);
  const play = call.verbs[1]!;
  call.line.send({
    ...said("verb:hook", "h1", { status: "fail", reason: "playFailed" }),
    hook: String(play["actionHook"]),
  });
  assertEquals(await nextVerb(call.line), { verb: "say", text: "failed" });
});

Deno.test("call.play() of a URL fails when jambonz sends no hook and only reports the end", async () => {
  await using call = await begun(`
    const end = call.play("https://example.com/broken.wav");
    const other = call.play("https://example.com/good.wav");
    call.say(await end + " " + await other);
  `);
  const [config, first, second] = call.verbs;
  assertEquals(config, { verb: "config", notifyEvents: true });
  const status = (verb: Message, event: string) =>
    said("verb:status", `s ${event} ${verb["id"]}`, { event, name: "play", id: verb["id"] });
  call.line.send(status(first!, "starting"));
  call.line.send(status(first!, "finished"));
  call.line.send(status(second!, "starting"));
  call.line.send({
    ...said("verb:hook", "h1", { reason: "playCompleted" }),
    hook: String(second!["actionHook"]),
  });
  call.line.send(status(second!, "finished"));
  assertEquals(await nextVerb(call.line), { verb: "say", text: "failed heard" });
});
