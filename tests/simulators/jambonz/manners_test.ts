/** The manners of the jambonz simulator, and missing credentials, with our apps. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { callJambonz, type JambonzOptions } from "../../../simulators/jambonz/call_jambonz.ts";
import { JAMBONZ_MANNERS, type JambonzManner } from "../../../simulators/jambonz/manners.ts";
import { parseScript } from "../../../simulators/jambonz/script.ts";
import { AppFile, serverWith } from "../../support/apps.ts";
import { BrokenPeer } from "../../support/broken_peer.ts";
import type { Message } from "../../support/client.ts";
import type { TestServer } from "../../support/server.ts";
import { sim } from "../../support/sim_command.ts";

const CALL_TIMES = 50;

function call(server: TestServer, script: string, more: Partial<JambonzOptions> = {}) {
  return callJambonz({
    url: server.ws("/jambonz"),
    callSid: "sid-1",
    script: parseScript(script),
    timeScale: CALL_TIMES,
    ...more,
  });
}

async function notes(server: TestServer): Promise<unknown[]> {
  const events = await server.record(await server.call("jambonz", "sid-1"));
  return events.flatMap(({ type, data }) => type === "note" ? [data.text] : []);
}

/** Each frame of a server with this manner in one call. */
async function framesOf(manner: JambonzManner): Promise<Message[]> {
  const frames: Message[] = [];
  const gather = { verb: "gather", input: ["speech", "digits"], numDigits: 1, actionHook: "/a" };
  await using peer = new BrokenPeer({
    heard(message, connection) {
      frames.push(message);
      const { type, msgid, data } = message;
      const isOver = (data as Message)["digits"] !== undefined;
      const verbs = isOver ? [{ verb: "hangup" }] : [gather];
      // An unknown message may be acked too.
      if (type === "agent:event") connection.say({ type: "ack", msgid });
      if (type === "session:new" || type === "verb:hook") {
        connection.say({ type: "ack", msgid, data: verbs });
      }
    },
  });
  const { faults } = await callJambonz({
    url: peer.url(),
    manner,
    script: parseScript("speech:yes;dtmf:1"),
    timeScale: 100,
  });
  assertEquals(faults, [], manner);
  return frames;
}

Deno.test("sim jambonz sends what real servers send, in each manner", async () => {
  const [document, numbers, nulls, missing, newer, large] = await Promise.all(
    JAMBONZ_MANNERS.map(framesOf),
  );
  const dataOf = (frames: Message[] | undefined, type: string, nth = 0) =>
    frames!.filter((frame) => frame["type"] === type)[nth]!["data"] as Message;
  assertEquals(dataOf(document, "session:new")["from"], "+15083084809");
  assertEquals(dataOf(numbers, "session:new")["from"], 15083084809);
  assertEquals(dataOf(numbers, "verb:hook", 1)["digits"], 1);
  assertEquals(dataOf(nulls, "session:new")["from"], null);
  const speech = (confidence: object, more: object) => ({
    ...more,
    alternatives: [{ transcript: "yes", ...confidence }],
  });
  const unknown = { is_final: null, language_code: null, channel_tag: null };
  assertEquals(dataOf(nulls, "verb:hook")["speech"], speech({ confidence: null }, unknown));
  assertEquals(dataOf(missing, "session:new"), { call_status: "trying" });
  assertEquals(dataOf(missing, "verb:hook")["speech"], speech({}, {}));
  const agent = newer!.find(({ type }) => type === "agent:event");
  assert(typeof agent?.["msgid"] === "string");
  assertGreater(JSON.stringify(dataOf(large, "session:new")).length, 80 * 1024);
});

for (const manner of JAMBONZ_MANNERS) {
  Deno.test(`ivr, simulated: the deal is made with a jambonz server whose manner is ${manner}`, async () => {
    await using server = await serverWith("apps/ivr.ts");
    const { faults, ending, heard } = await call(server, "dtmf:1", { manner });
    assertEquals([faults, ending.by], [[], "application"]);
    assertEquals(heard.at(-1), "Thank you. The deal is agreed, and both of you will be told.");
    const { state, from } = await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
    const isKnown = manner !== "nulls" && manner !== "missing";
    const number = manner === "numbers" ? "15083084809" : "+15083084809";
    assertEquals([state, from], ["ended", isKnown ? number : null]);
  });

  Deno.test(`call.gather() receives words from a jambonz server whose manner is ${manner}`, async () => {
    using app = new AppFile(`
      const { by, speech } = await call.gather({ say: "Who is it?", digits: 0, speech: true });
      call.note(by + " " + speech);
      call.say("Bye");
    `);
    await using server = await serverWith(app.path);
    const { faults, ending, heard, reconnects } = await call(server, "drop;speech:a spade", {
      manner,
    });
    assertEquals([faults, ending.by, reconnects], [[], "application", 1]);
    assertEquals([heard, await notes(server)], [["Who is it?", "Bye"], ["speech a spade"]]);
  });

  Deno.test(`the greeting works with a jambonz server whose manner is ${manner}`, async () => {
    await using server = await serverWith("");
    const { faults, ending, heard } = await call(server, "speech:hello;dtmf:9", { manner });
    assertEquals([faults, ending.by], [[], "application"]);
    assertEquals(heard.slice(1), ["You said: hello.", "Goodbye."]);
  });
}

Deno.test("the greeting continues with keys if jambonz has no recogniser", async () => {
  await using server = await serverWith("");
  const report = await call(server, "dtmf:1;dtmf:9", { lacks: ["recogniser"] });
  assertEquals([report.faults, report.ending.by], [[], "application"]);
  assertEquals(report.heard, [
    "I can hear keys only. Press 9 to hang up.",
    "You pressed 1.",
    "Goodbye.",
  ]);
});

Deno.test("call.gather() for words ends with an error if jambonz has no recogniser", async () => {
  using app = new AppFile(`
    const words = await call.gather({ say: "Who is it?", speech: true });
    call.note(words.by);
    const keys = await call.gather({ say: "Press a key.", digits: 1 });
    call.note(keys.by + " " + keys.digits);
  `);
  await using server = await serverWith(app.path);
  const silences: unknown[] = [];
  const report = await call(server, "dtmf:7", {
    lacks: ["recogniser"],
    sink: ({ what }) => what.includes("hears nothing more") && silences.push(what),
  });
  assertEquals([report.faults, report.ending.by, silences], [[], "application", []]);
  assertEquals(report.heard, ["Press a key."]);
  assertEquals(await notes(server), ["error", "digits 7"]);
});

Deno.test("an app is notified if jambonz has no voice", async () => {
  using app = new AppFile(`
    call.note((await call.gather({ say: "Press a key.", digits: 1 })).digits);
    call.say("Bye");
    let errors = 0;
    for await (const event of call) {
      if (event.kind !== "error") continue;
      call.note(event.message + " of " + event.verb);
      if (++errors === 2) return;
    }
  `);
  await using server = await serverWith(app.path);
  const report = await call(server, "dtmf:7", { lacks: ["voice"] });
  assertEquals([report.faults, report.ending.by, report.heard], [[], "application", []]);
  const told = "TTS error: TTS vendor google error: no credentials of say";
  assertEquals(await notes(server), ["7", told, told]);
});

for (const [name, app] of [["the greeting", ""], ["ivr", "apps/ivr.ts"]] as const) {
  Deno.test(`${name} asks again if jambonz lost the hook with the socket`, async () => {
    await using server = await serverWith(app);
    const report = await call(
      server,
      app === "" ? "dtmf:9;drop:hook;dtmf:9" : "dtmf:2;drop:hook;dtmf:2",
    );
    assertEquals([report.faults, report.ending.by, report.reconnects], [[], "application", 1]);
    // The prompt twice, and the result of the key once.
    assertEquals(report.heard.length, 3);
  });
}

Deno.test("deno task sim jambonz accepts a manner, and what a server lacks", async () => {
  await using server = await serverWith("");
  const words = ["--url", server.ws("/jambonz"), "--time-scale", "50", "--script", "dtmf:9"];
  const told = await sim("jambonz", ...words, "--manner", "nulls", "--lacks", "recogniser");
  assertEquals(told.code, 0, told.text);
  assert(told.text.includes("ASR error"), told.text);
  for (const wrong of [["--lacks", "ears"], ["--manner", "kind"]]) {
    assertEquals((await sim("jambonz", ...words, ...wrong)).code, 2);
  }
});
