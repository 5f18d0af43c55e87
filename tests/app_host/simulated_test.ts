/** The simulators call our own apps, on both lines: nobody breaks a rule of a door. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { callInbound } from "../../simulators/inbound/call_inbound.ts";
import { callJambonz, type JambonzOptions } from "../../simulators/jambonz/call_jambonz.ts";
import { parseScript } from "../../simulators/jambonz/script.ts";
import { connectParty } from "../../simulators/people/party.ts";
import { watchCall } from "../../simulators/people/watcher.ts";
import { AppFile, serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import type { TestServer } from "../support/server.ts";

const BUYER = "+254712345678";
const SELLER = "+254787654321";
/** No audio is late, however busy the machine is. */
const PATIENT = { LIMIT_LATE_AUDIO_MS: "60000", JOIN_NUMBERS: "ann=+15551230000" };

function start(app: string): Promise<TestServer> {
  return serverWith(`apps/${app}.ts`, { settings: PATIENT });
}

function jambonz(server: TestServer, script: string, more: Partial<JambonzOptions> = {}) {
  return callJambonz({
    url: server.ws("/jambonz"),
    callSid: "sid-1",
    script: parseScript(script),
    ...more,
  });
}

function watch(
  server: TestServer,
  { liveConversationToken: token }: { liveConversationToken: string },
) {
  return { url: server.ws(""), token, user: "ann" };
}

/** Resolves when the party is connected. It leaves when both deals are paid. */
async function connectUntilPaid(server: TestServer, client: string) {
  const leave = new AbortController();
  const here = Promise.withResolvers<void>();
  let paid = 0;
  const gone = connectParty({
    url: server.ws(""),
    client,
    signal: leave.signal,
    sink({ what }) {
      if (what === "pong") here.resolve();
      if (what === "payment_update" && ++paid === 2) leave.abort();
    },
  });
  await within(here.promise, () => `${client} is not there`);
  return { gone };
}

Deno.test("echo, simulated: an inbound caller hears every frame again, and hangs up with #", async () => {
  await using server = await start("echo");
  const { faults, endedBy, frames } = await callInbound({
    url: server.ws("/"),
    keys: [{ digit: "#", afterMs: 400 }],
  });
  assertEquals([faults, endedBy, frames.lost], [[], "server", 0]);
  assertGreater(frames.back, 0);
});

Deno.test("echo, simulated: a jambonz caller hears every frame again, and hangs up with #", async () => {
  await using server = await start("echo");
  const { faults, ending, frames, heardAudio } = await jambonz(server, "wait:0.5;dtmf:#");
  assertEquals([faults, ending.by, frames?.lost], [[], "application", 0]);
  assertGreater(frames!.back, 0);
  assertGreater(heardAudio!.heardMs, 0);
});

Deno.test("an app with its own timers, simulated: a tone, echo and the end, on both lines", async () => {
  using app = new AppFile(`
    call.answer();
    const tone = setTimeout(() => call.sendDigits("1", 200), 2000);
    const hangup = setTimeout(() => call.hangup(), 10_000);
    for await (const event of call) {
      if (event.kind === "audio") call.play(event.bytes);
    }
    clearTimeout(tone);
    clearTimeout(hangup);
  `);
  await using server = await serverWith(app.path, { settings: PATIENT });
  const [inbound, line] = await Promise.all([
    callInbound({ url: server.ws("/"), sessionId: "in-1" }),
    jambonz(server, "wait:60"),
  ]);
  assertEquals([inbound.faults, inbound.endedBy, inbound.frames.lost], [[], "server", 0]);
  assertEquals([line.faults, line.ending.by, line.frames?.lost], [[], "application", 0]);
  for (const [name, id] of [["inbound", "in-1"], ["jambonz", "sid-1"]] as const) {
    const call = await server.call(name, id, ({ state }) => state === "ended");
    const events = await server.record(call);
    const tones = events.flatMap((event) => event.type === "dtmf" ? [event] : []);
    assertEquals(tones.map(({ data }) => data), [{ digit: "1", from: "us" }]);
    // Timers may be late, but never early.
    assert(+tones[0]!.at - +call.answeredAt! >= 1950, `${name}: the tone came too early`);
    assert(+call.endedAt! - +call.answeredAt! >= 9900, `${name}: the end came too early`);
  }
});

Deno.test("ivr, simulated: the deal is made on both lines, and both parties are notified", async () => {
  await using server = await start("ivr");
  const told = await Promise.all([BUYER, SELLER].map((client) => connectUntilPaid(server, client)));
  const inbound = await callInbound({
    url: server.ws("/"),
    from: BUYER,
    keys: [{ digit: "1", afterMs: 200 }],
  });
  const line = await jambonz(server, "dtmf:1", { from: BUYER, timeScale: 20 });
  assertEquals([inbound.faults, inbound.endedBy], [[], "server"]);
  assertEquals(inbound.interruptionsMs.length, 1, "the key stops the offer");
  assertEquals([line.faults, line.ending.by], [[], "application"]);
  assertEquals(line.heard.at(-1), "Thank you. The deal is agreed, and both of you will be told.");
  const { contracts, total } = await server.rest("GET", "/contracts/");
  assertEquals(total, 2);
  const ids = contracts.map(({ contract_id }: { contract_id: string }) => contract_id).sort();
  for (const party of told) {
    const { faults, updates } = await party.gone;
    assertEquals(faults, []);
    const paid = updates.flatMap((update) =>
      update.type === "payment_update" ? [update.contract_id] : []
    );
    assertEquals(paid.sort(), ids);
  }
});

Deno.test("screening, simulated: a jambonz caller says name and reason, and a watcher joins", async () => {
  await using server = await start("screening");
  const line = jambonz(server, "speech:Bob;speech:a spade;wait:2;callee-hangup", { timeScale: 10 });
  const call = await server.call("jambonz", "sid-1");
  await server.recorded(call, ({ type }) => type === "screening_ended");
  const watcher = await watchCall({ ...watch(server, call), asks: ["join"] });
  assertEquals([watcher.faults, watcher.callEnded], [[], true]);
  const said = watcher.heard.flatMap((message) =>
    message.type === "transcript" ? [message.msg] : []
  );
  assertEquals(said.filter((msg) => ["Bob", "a spade"].includes(msg)), ["Bob", "a spade"]);
  assertEquals((await line).faults, []);
});

Deno.test("screening, simulated: an inbound call gets words over REST, and a watcher ends it", async () => {
  await using server = await start("screening");
  const line = callInbound({ url: server.ws("/"), sessionId: "in-1" });
  const call = await server.call("inbound", "in-1");
  const asked = (text: string) =>
    server.recorded(call, ({ type, data }) => type === "transcript" && data.msg.includes(text));
  for (const [question, text] of [["Who is calling", "Bob"], ["What is it about", "a spade"]]) {
    await asked(question!);
    await server.rest("POST", `/calls/${call.id}/transcript`, { role: "other", text });
  }
  const watcher = await watchCall({ ...watch(server, call), asks: ["end"] });
  assertEquals([watcher.faults, watcher.callEnded], [[], true]);
  const { faults, endedBy } = await line;
  assertEquals([faults, endedBy], [[], "server"]);
});

Deno.test("an app that says and then listens, simulated: its audio arrives before the say ends", async () => {
  using app = new AppFile(`
    call.say("Please tell me, in your own words and without haste, what has happened.");
    for await (const { kind } of call) if (kind === "audio") { call.interrupt(); return; }
  `);
  await using server = await serverWith(app.path, { settings: PATIENT });
  const steps: string[] = [];
  const { faults, ending } = await jambonz(server, "wait:60", {
    sink({ what, detail }) {
      if (what === "ack") steps.push(...(detail as { verbs?: string[] }).verbs ?? []);
      if (["audio connect", "verb say", "verb hangup"].includes(what)) steps.push(what);
    },
  });
  assertEquals([faults, ending.by], [[], "application"]);
  assertEquals(steps, ["config", "say", "audio connect", "verb say", "verb hangup"]);
});
