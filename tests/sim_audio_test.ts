/** The audio of a simulated jambonz call, against applications that use it. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { silence, tone } from "../simulators/audio_source.ts";
import { callJambonz, type JambonzOptions, type JambonzReport } from "../simulators/jambonz.ts";
import { parseScript } from "../simulators/jambonz_script.ts";
import type { Entry } from "../simulators/timeline.ts";
import { Arrivals } from "./support/arrivals.ts";
import {
  type AudioApplication,
  audioApplication,
  commandOf,
  CONFIG_LISTEN,
  LISTEN,
  loud,
} from "./support/audio_application.ts";
import { BrokenPeer, type Message, type Visitor } from "./support/broken_peer.ts";

const HANGUP = [{ verb: "hangup" }];

interface Told {
  readonly report: JambonzReport;
  readonly entries: readonly Entry[];
}

/** Calls an application and expects that it keeps every rule. The caller waits for it to end. */
async function call(
  application: AudioApplication,
  { script = "wait:1000;hangup", ...options }:
    & { script?: string }
    & Omit<Partial<JambonzOptions>, "script"> = {},
): Promise<Told> {
  const entries: Entry[] = [];
  await using peer = new BrokenPeer(audioApplication(application));
  const report = await callJambonz({
    url: peer.url("/app"),
    timeScale: 50,
    script: parseScript(script),
    sink: (entry) => entries.push(entry),
    ...options,
  });
  assertEquals(report.faults, []);
  return { report, entries };
}

const disconnect = (visitor: Visitor) => visitor.say({ type: "disconnect" });
const mark = (name: string): Message => ({ type: "mark", data: { name } });

Deno.test("sim jambonz opens the audio of a listen verb, says which call it is, and tells its end", async () => {
  const heard: Message[] = [];
  const { promise: headers, resolve } = Promise.withResolvers<Headers>();
  const hooks: Message[] = [];
  const { report } = await call({
    verbs: [{
      ...LISTEN,
      wsAuth: { username: "user", password: "secret" },
      sampleRate: 16_000,
      metadata: { language: "sw" },
      actionHook: "/over",
    }],
    hooks: { "/over": HANGUP },
    told: (message) => message["type"] === "verb:hook" && hooks.push(message),
    audio: {
      heard: (message) => heard.push(message),
      heardAudio(bytes, visitor) {
        assertEquals(bytes.length, 640);
        resolve(visitor.headers);
        disconnect(visitor);
      },
    },
  }, { callSid: "call-a", from: "+254712345678", audioSubprotocol: "audio.drachtio.org" });
  assertEquals((await headers).get("authorization"), `Basic ${btoa("user:secret")}`);
  assertEquals((await headers).get("sec-websocket-protocol"), "audio.drachtio.org");
  const { callId, accountSid, applicationSid, sipReason, ...first } = heard[0]!;
  assertEquals(first, {
    sampleRate: 16_000,
    mixType: "mono",
    callSid: "call-a",
    from: "+254712345678",
    to: "1001",
    direction: "inbound",
    callStatus: "in-progress",
    sipStatus: 200,
    language: "sw",
  });
  assert(
    [callId, accountSid, applicationSid, sipReason].every((value) => typeof value === "string"),
  );
  assertEquals(hooks.map(({ hook }) => hook), ["/over"]);
  assertEquals(report.ending, { status: "completed", by: "application" });
});

Deno.test("sim jambonz counts what comes back of the caller's audio, and hears it", async () => {
  const heard: Uint8Array[] = [];
  let frames = 0;
  const { report } = await call({
    verbs: [LISTEN, ...HANGUP],
    audio: {
      heardAudio(bytes, visitor) {
        if (++frames === 20) visitor.say(mark("twenty"));
        visitor.say(bytes);
      },
      heard: ({ type }, visitor) => type === "mark" && disconnect(visitor),
    },
  }, { timeScale: 10, audio: silence(), onHeard: (frame) => heard.push(frame.slice()) });
  const { frames: counted, echoesMs, heardAudio } = report;
  assertGreater(counted!.back, 19);
  assertEquals([counted!.lost, counted!.back], [0, echoesMs!.length]);
  assertEquals(heardAudio!.marks, { asked: 1, played: 1, cleared: 0 });
  assertGreater(heard.length, 18);
  // The mark has the place of a sample.
  assertEquals(heardAudio!.heardMs, 20 * heard.length - 1 / 8);
  // The first frame has the number one in its lowest bits.
  assertEquals([...heard[0]!.subarray(32, 36)], [1, 0, 0, 0]);
});

Deno.test("sim jambonz tells marks when their audio has been heard, and those of a killAudio as cleared", async () => {
  const told: unknown[] = [];
  const { report } = await call({
    verbs: [LISTEN, ...HANGUP],
    audio: {
      opened(visitor) {
        visitor.say(loud(160));
        visitor.say(mark("heard"));
        visitor.say(loud(60_000));
        visitor.say(mark("dropped"));
        visitor.say(loud(200));
      },
      heard({ type, data }, visitor) {
        if (type !== "mark") return;
        told.push(data);
        if (told.length === 1) visitor.say({ type: "killAudio" });
        if (told.length === 2) disconnect(visitor);
      },
    },
  }, { timeScale: 10 });
  assertEquals(told, [
    { name: "heard", event: "playout" },
    { name: "dropped", event: "cleared" },
  ]);
  assertEquals(report.heardAudio?.marks, { asked: 2, played: 1, cleared: 1 });
  assertGreater(report.heardAudio!.heardMs, 160);
  assertLess(report.heardAudio!.heardMs, 60_000);
});

Deno.test("sim jambonz presses keys into the audio, also while a gather takes them", async () => {
  const keys: unknown[] = [];
  const digits: unknown[] = [];
  const gather = { verb: "gather", input: ["digits"], numDigits: 2, actionHook: "/gathered" };
  const { report } = await call({
    verbs: [CONFIG_LISTEN, { verb: "gather", input: ["speech"], actionHook: "/spoken" }],
    hooks: { "/spoken": [gather], "/gathered": [] },
    told({ type, data }) {
      const { digits: some } = data as Message;
      if (type === "verb:hook" && some !== undefined) digits.push(some);
    },
    audio: {
      heard: ({ event, dtmf, duration }) => event === "dtmf" && keys.push([dtmf, duration]),
    },
  }, { script: "dtmf:1;speech:hello;dtmf:23;dtmf:4;hangup" });
  assertEquals(keys, ["1", "2", "3", "4"].map((key) => [key, 1600]));
  assertEquals(digits, ["23"]);
  assertEquals(report.ending.by, "caller");
});

Deno.test("sim jambonz keeps keys for audio that a command opens on an idle call", async () => {
  const { promise: pressed, resolve } = Promise.withResolvers<unknown>();
  const { report } = await call({
    verbs: [{ verb: "say", text: "Hello" }],
    told({ type, data }, application) {
      const { call_status } = data as Message;
      if (type === "call:status" && call_status === "in-progress") {
        application.say(commandOf("config", { listen: CONFIG_LISTEN.listen }));
      }
    },
    audio: { heard: ({ event, dtmf }) => event === "dtmf" && resolve(dtmf) },
  }, { script: "dtmf:5;hangup", timeScale: 10 });
  assertEquals(await pressed, "5");
  assertEquals(report.heardAudio?.sockets, 1);
});

Deno.test("sim jambonz has one listen in the background, and ends it when it is disabled", async () => {
  const closed = new Arrivals<number>();
  const disable = { verb: "config", listen: { enable: false } };
  const told = await call({
    verbs: [CONFIG_LISTEN, CONFIG_LISTEN, disable, CONFIG_LISTEN],
    audio: { closed: (code) => closed.push(code) },
  }, { script: "hangup" });
  assertEquals(told.report.heardAudio?.sockets, 2);
  assertEquals(told.entries.filter(({ what }) => what.startsWith("a listen runs")).length, 1);
  assertEquals([await closed.next(), await closed.next()], [1000, 1000]);
});

Deno.test("sim jambonz ends a listen verb by its key or its length, and tells the hook", async () => {
  const results: unknown[] = [];
  await call({
    verbs: [{ ...LISTEN, finishOnKey: "#", actionHook: "/key" }],
    hooks: { "/key": [{ ...LISTEN, verb: "stream", maxLength: 3, actionHook: "/length" }] },
    told({ type, hook, data }, application) {
      if (type !== "verb:hook") return;
      const { digits, dial_call_duration } = data as Message;
      results.push([hook, digits, typeof dial_call_duration]);
      if (hook === "/length") application.say(commandOf("redirect", HANGUP));
    },
    audio: {},
  }, { script: "dtmf:1#" });
  assertEquals(results, [["/key", "#", "number"], ["/length", undefined, "number"]]);
});

Deno.test("sim jambonz ends a listen verb that is replaced, and leaves the background alone", async () => {
  const sockets = new Set<Visitor>();
  const closed = new Arrivals<number>();
  const { promise: application, resolve } = Promise.withResolvers<Visitor>();
  const { entries } = await call({
    verbs: [CONFIG_LISTEN, { ...LISTEN, actionHook: "/never" }],
    told: (_, visitor) => resolve(visitor),
    audio: {
      async heardAudio(_, visitor) {
        if (sockets.has(visitor) || sockets.add(visitor).size < 2) return;
        (await application).say(commandOf("redirect", [{ verb: "pause", length: 1000 }]));
      },
      async closed(code) {
        closed.push(code);
        if (closed.all.length === 1) (await application).say(commandOf("redirect", HANGUP));
      },
    },
  });
  assertEquals([await closed.next(), await closed.next()], [1000, 1000]);
  assertEquals(entries.filter(({ what }) => what === "verb:hook"), []);
});

Deno.test("sim jambonz sends silence, nothing or the voice again by listen:status", async () => {
  const statuses = ["silence", "pause", "resume"];
  let next = 0;
  let application: Visitor | undefined;
  const seen: boolean[] = [];
  await call({
    verbs: [LISTEN, ...HANGUP],
    told: (_, visitor) => void (application = visitor),
    audio: {
      heardAudio(bytes, visitor) {
        const isSilent = new Int16Array(bytes.buffer).every((sample) => Math.abs(sample) <= 1);
        if (seen.at(-1) === isSilent) return;
        seen.push(isSilent);
        if (seen.length === 3) return disconnect(visitor);
        for (let sent = 0; sent < seen.length; sent++) {
          if (next === statuses.length) break;
          application!.say(commandOf("listen:status", { listen_status: statuses[next++] }));
        }
      },
    },
  }, { audio: tone(440) });
  assertEquals(seen, [false, true, false]);
});

Deno.test("sim jambonz keeps the audio while the other socket drops and comes back", async () => {
  let visitors = 0;
  const { report } = await call({
    verbs: [LISTEN],
    audio: { opened: () => void visitors++ },
  }, { script: "drop;wait:1;hangup" });
  assertEquals([report.reconnects, visitors, report.heardAudio?.sockets], [1, 1, 1]);
});

Deno.test("sim jambonz plays whole files where nothing is streamed, and tells their end", async () => {
  const { bidirectionalAudio: _, ...oneWay } = LISTEN;
  const done: unknown[] = [];
  const { report } = await call({
    verbs: [oneWay, ...HANGUP],
    audio: {
      opened(visitor) {
        const audioContent = loud(100).toBase64();
        const data = { audioContent, audioContentType: "raw", sampleRate: 8000, id: "file" };
        visitor.say({ type: "playAudio", data });
      },
      heard({ type, data }, visitor) {
        if (type !== "playDone") return;
        done.push(data);
        disconnect(visitor);
      },
    },
  });
  assertEquals(done, [{
    id: "file",
    playbackMilliseconds: "100",
    playbackLastOffsetPos: "800",
  }]);
  assertEquals(report.heardAudio?.heardMs, 100);
});

Deno.test("sim jambonz measures how long an application is heard after a key", async () => {
  const { promise: application, resolve } = Promise.withResolvers<Visitor>();
  const { report } = await call({
    // Nobody presses a key while jambonz speaks itself.
    verbs: [CONFIG_LISTEN, { verb: "say", text: "word ".repeat(4000) }],
    told: (_, visitor) => resolve(visitor),
    audio: {
      opened(visitor) {
        visitor.say(loud(200));
        visitor.say(mark("heard"));
        visitor.say(loud(60_000));
      },
      async heard({ type, event }, visitor) {
        if (event === "dtmf") visitor.say({ type: "killAudio" });
        if (type !== "mark") return;
        (await application).say(commandOf("redirect", [{ verb: "pause", length: 1000 }]));
      },
    },
  }, { script: "dtmf:1;wait:1;hangup", timeScale: 20 });
  assertEquals(report.bargeInMs?.length, 1);
  assertLess(report.bargeInMs![0]!, 60_000);
});

Deno.test("sim jambonz lets an application close the audio of a call that it ends", async () => {
  for (const verbs of [[LISTEN], [CONFIG_LISTEN]]) {
    const { promise: application, resolve } = Promise.withResolvers<Visitor>();
    const { report } = await call({
      verbs,
      told: (_, visitor) => resolve(visitor),
      audio: {
        async opened(visitor) {
          (await application).say(commandOf("redirect", HANGUP));
          visitor.close(1000);
        },
      },
    });
    assertEquals(report.ending.by, "application");
  }
});

Deno.test("sim jambonz goes on with the next verb where no audio can be opened", async () => {
  await using peer = new BrokenPeer(audioApplication({
    verbs: [{ ...LISTEN, sampleRate: 11_025 }, { ...LISTEN, url: "audio" }, LISTEN, ...HANGUP],
    audio: { admits: () => false },
  }));
  const report = await callJambonz({ url: peer.url(), timeScale: 50 });
  const rules = report.faults.map(({ rule }) => rule);
  assertEquals(rules, ["jambonz.verbs", "jambonz.verbs", "connects"]);
  assertEquals(report.ending.by, "application");
});

Deno.test("sim jambonz hangs up in the middle of a say", async () => {
  const { report, entries } = await call({
    verbs: [{ verb: "say", text: "word ".repeat(1000) }, { verb: "say", text: "never" }],
    audio: {},
  }, { script: "hangup:2" });
  assertEquals(report.ending, { status: "completed", by: "caller" });
  assertEquals(entries.filter(({ what }) => what === "verb say").length, 1);
});

Deno.test("sim jambonz is sent to another hook by live call control", async () => {
  const { report } = await call({
    verbs: [{ verb: "gather", input: ["digits"], actionHook: "/never" }],
    hooks: { "/next": [{ verb: "say", text: "You were sent here" }, ...HANGUP] },
    audio: {},
  }, { script: "redirect:/next" });
  assertEquals(report.heard, ["You were sent here"]);
  assertEquals(report.ending.by, "application");
});
