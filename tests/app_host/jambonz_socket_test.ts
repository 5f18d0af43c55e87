/** Call apps on the jambonz line, over real sockets. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AppFile, Gate, serverWith } from "../support/apps.ts";
import { hook, openLine, redirected, verbs } from "../support/app_line.ts";
import { Client, type Message } from "../support/client.ts";
import { audioCall } from "../support/jambonz_audio.ts";
import { said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

/** Stops what runs, and keeps the call: a redirect without verbs would end it. */
const STOPPED: [boolean, Message[]] = [false, [{ verb: "config" }]];

async function notes(server: TestServer): Promise<string[]> {
  const call = await server.call("jambonz", "sid-1");
  const events = await server.record(call);
  return events.flatMap(({ type, data }) => type === "note" ? [data.text] : []);
}

function completed(line: Client): void {
  line.send(said("call:status", "status", { call_status: "completed" }));
}

Deno.test("requests of one moment go into one ack, and later ones into commands", async () => {
  using answered = new Gate();
  using app = new AppFile(`
    call.answer();
    call.say("one");
    call.say("two");
    ${answered.wait}
    call.say("three");
    call.hangup();
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  assertEquals(await verbs(line, "new"), [
    { verb: "answer" },
    { verb: "say", text: "one" },
    { verb: "say", text: "two" },
  ]);
  answered.open();
  assertEquals(await redirected(line), [true, [{ verb: "say", text: "three" }, {
    verb: "hangup",
  }]]);
  completed(line);
  const call = await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
  const kinds = (await server.record(call)).map(({ type }) => type);
  assertEquals(kinds.filter((kind) => kind === "transcript").length, 3);
});

Deno.test("call.gather() is a verb, and its hook's ack contains the app's next verbs", async () => {
  using app = new AppFile(`
    const first = await call.gather({ say: "Key?", digits: 1, timeoutMs: 5000 });
    call.note(JSON.stringify(first));
    const second = await call.gather({ say: "Words?", digits: 0, speech: true, bargeIn: false });
    call.note(JSON.stringify(second));
    const third = await call.gather();
    call.note(JSON.stringify(third));
    call.say("Bye");
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  const [first] = await verbs(line, "new");
  const { actionHook, ...gather } = first!;
  assertMatch(String(actionHook), /^\/app\/gathered\/1\/[0-9a-f]{8}$/);
  assertEquals(gather, {
    verb: "gather",
    input: ["digits"],
    maxDigits: 1,
    finishOnKey: "#",
    minDigits: 1,
    interDigitTimeout: 3,
    timeout: 5,
    bargein: false,
    dtmfBargein: true,
    listenDuringPrompt: true,
    say: { text: "Key?" },
  });
  line.send(hook(first, "h1", { digits: "7" }));
  const [second] = await verbs(line, "h1");
  assertEquals([second!["input"], second!["dtmfBargein"]], [["speech"], false]);
  const speech = { is_final: true, alternatives: [{ transcript: "a spade", confidence: 1 }] };
  line.send(hook(second, "h2", { speech }));
  const [third] = await verbs(line, "h2");
  line.send(hook(third, "h3", { reason: "timeout" }));
  assertEquals(await verbs(line, "h3"), [{ verb: "say", text: "Bye" }, { verb: "hangup" }]);
  assertEquals(await notes(server), [
    '{"by":"digits","digits":"7","speech":""}',
    '{"by":"speech","digits":"","speech":"a spade"}',
    '{"by":"timeout","digits":"","speech":""}',
  ]);
});

Deno.test("call.play() of a URL resolves when jambonz has played it", async () => {
  using app = new AppFile(`
    call.note(await call.play("https://example.com/a.wav"));
    for await (const { kind, name } of call) if (kind === "played") { call.note(name); break; }
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  const [config, play] = await verbs(line, "new");
  assertEquals(config, { verb: "config", notifyEvents: true });
  assertEquals(play!["url"], "https://example.com/a.wav");
  line.send(hook(play, "h1", { reason: "playCompleted" }));
  assertEquals(await verbs(line, "h1"), []);
  assertEquals(await redirected(line), [true, [{ verb: "hangup" }]]);
  assertEquals(await notes(server), ["heard", "https://example.com/a.wav"]);
});

Deno.test("call.interrupt(), sendDigits() and transfer() are commands", async () => {
  using app = new AppFile(`
    call.say("A long story");
    for await (const { kind, msg } of call) {
      if (kind !== "transcript") continue;
      if (msg === "stop") call.interrupt();
      if (msg === "dial") call.sendDigits("12", 100);
      if (msg === "transfer") { call.transfer("+15551230000"); return; }
    }
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  await verbs(line, "new");
  const { id } = await server.call("jambonz", "sid-1");
  const say = (text: string) =>
    server.rest("POST", `/calls/${id}/transcript`, { role: "other", text });
  await say("stop");
  assertEquals(await redirected(line), STOPPED);
  await say("dial");
  assertEquals((await line.next({ command: "dtmf" }))["data"], {
    dtmf: { digit: "1", duration: 100 },
  });
  await line.next({ command: "dtmf" });
  await say("transfer");
  const target = [{ type: "phone", number: "+15551230000" }];
  assertEquals(await redirected(line), [
    true,
    [{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }],
  ]);
});

Deno.test("call.hangup() during a gather replaces it", async () => {
  using app = new AppFile(`
    call.gather({ say: "Key?", digits: 1 });
    for await (const { kind } of call) if (kind === "transcript") break;
    call.hangup();
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  await verbs(line, "new");
  line.send(said("call:status", "a1", { call_status: "in-progress" }));
  const { id } = await server.call("jambonz", "sid-1", ({ state }) => state === "answered");
  await server.rest("POST", `/calls/${id}/transcript`, { role: "other", text: "bye" });
  assertEquals(await redirected(line), [false, [{ verb: "hangup" }]]);
});

Deno.test("call.gather() ends a gather that is already waiting", async () => {
  using app = new AppFile(`
    const first = call.gather({ say: "First?", digits: 1 });
    const second = call.gather({ say: "Second?", digits: 1 });
    call.say([(await first).by, (await second).digits].join(" "));
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  const asked = await verbs(line, "new");
  assertEquals(asked.map(({ say }) => say), [{ text: "Second?" }]);
  line.send(hook(asked[0], "h1", { digits: "4" }));
  assertEquals((await verbs(line, "h1"))[0], { verb: "say", text: "interrupted 4" });
});

Deno.test("call.gather() ends when somebody else interrupts the call", async () => {
  using app = new AppFile(`
    const { by } = await call.gather({ say: "Key?", digits: 1 });
    call.say("It was " + by);
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  await verbs(line, "new");
  const { id } = await server.call("jambonz", "sid-1");
  await server.rest("POST", `/calls/${id}/actions`, { action: "interrupt" });
  assertEquals(await redirected(line), STOPPED);
  assertEquals((await redirected(line))[1][0], { verb: "say", text: "It was interrupted" });
  await using other = await openLine(server);
  other.send(sessionNew("sid-2"));
  await verbs(other, "new");
  const call = await server.call("jambonz", "sid-2");
  const data = [{ verb: "say", text: "From REST" }];
  await server.rest("POST", `/calls/${call.id}/actions`, { action: "redirect", verbs: data });
  assertEquals(await redirected(other), [false, data]);
  assertEquals((await redirected(other))[1][0], { verb: "say", text: "It was interrupted" });
});

Deno.test("live call control during a gather asks again: what ran is stopped, and silence would follow", async () => {
  using app = new AppFile(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
    for await (const event of call);
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  const [gather] = await verbs(line, "new");
  line.send({ ...said("session:redirect", "r1"), hook: "/elsewhere" });
  assertEquals(await verbs(line, "r1"), [gather]);
  line.send(hook(gather, "h1", { digits: "4" }));
  assertEquals((await verbs(line, "h1"))[0], { verb: "say", text: "You pressed 4" });
  line.send({ ...said("session:redirect", "r2"), hook: "/elsewhere" });
  assertEquals(await verbs(line, "r2"), STOPPED[1], "an app that waits has nothing to say again");
});

Deno.test("live call control during a play drops it and those queued behind it", async () => {
  using app = new AppFile(`
    const ends = ["one", "two"].map((name) => call.play("https://example.com/" + name + ".wav"));
    call.say((await Promise.all(ends)).join(" "));
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  await verbs(line, "new");
  line.send({ ...said("session:redirect", "r1"), hook: "/elsewhere" });
  assertEquals(await verbs(line, "r1"), STOPPED[1]);
  const [queued, [say]] = await redirected(line);
  assertEquals([queued, say], [true, { verb: "say", text: "dropped dropped" }]);
});

Deno.test("verbs that jambonz would refuse end the call politely, once", async () => {
  using answered = new Gate();
  using app = new AppFile(`
    call.say("Hello");
    ${answered.wait}
    call.say(42);
    await call.gather();
  `);
  await using server = await serverWith(app.path);
  await using line = await openLine(server);
  line.send(sessionNew());
  await verbs(line, "new");
  answered.open();
  const [queued, [sorry, hangup]] = await redirected(line);
  assertEquals([queued, hangup], [false, { verb: "hangup" }]);
  assert(String(sorry!["text"]).startsWith("Sorry"));
  completed(line);
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
  assertEquals(line.messages.filter(({ type }) => type === "command").length, 1);
});

Deno.test("APPS: a path can have its own app", async () => {
  using app = new AppFile(`call.say("sales"); await call.gather();`);
  await using server = await serverWith("", { settings: { APPS: `jambonz:/sales=${app.path}` } });
  await using sales = await openLine(server, "/sales");
  sales.send(sessionNew("sid-s"));
  assertEquals((await verbs(sales, "new"))[0], { verb: "say", text: "sales" });
  await using other = await openLine(server);
  other.send(sessionNew("sid-o"));
  assert(JSON.stringify(await verbs(other, "new")).includes("this is Tipring"));
});

Deno.test("call.transfer() first plays out what is queued on the audio socket", async () => {
  using app = new AppFile(`
    call.answer();
    for await (const { kind } of call) if (kind === "dtmf") break;
    const played = call.play(new Uint8Array(320));
    call.transfer("+15551230000");
    call.note(await played);
    for await (const event of call);
  `);
  await using server = await serverWith(app.path);
  const { line, audio } = await audioCall(server);
  audio.send({ event: "dtmf", dtmf: "1" });
  const [, [dial]] = await redirected(line);
  assertEquals(dial!["verb"], "dial");
  completed(line);
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
  assertEquals(await notes(server), ["heard"]);
  await audio.close();
  await line.close();
});
