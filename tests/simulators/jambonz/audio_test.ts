/** The audio of a simulated jambonz call: playout, marks, keys, files. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { silence } from "../../../simulators/audio/audio_source.ts";
import { within } from "../../support/arrivals.ts";
import { commandOf, CONFIG_LISTEN, LISTEN, loud } from "../../support/audio_application.ts";
import { audioCall, disconnect, HANGUP, mark } from "../../support/audio_call.ts";
import type { Connection, Message } from "../../support/broken_peer.ts";

Deno.test("sim jambonz counts the caller's audio that is echoed, and plays it", async () => {
  const heard: Uint8Array[] = [];
  let frames = 0;
  const { report } = await audioCall({
    verbs: [LISTEN, ...HANGUP],
    audio: {
      heardAudio(bytes, connection) {
        if (++frames === 20) connection.say(mark("twenty"));
        connection.say(bytes);
      },
      heard: ({ type }, connection) => type === "mark" && disconnect(connection),
    },
  }, { timeScale: 10, audio: silence(), onHeard: (frame) => heard.push(frame.slice()) });
  const { frames: counted, echoesMs, heardAudio } = report;
  assertGreater(counted!.back, 19);
  assertEquals([counted!.lost, counted!.back], [0, echoesMs!.length]);
  assertEquals(heardAudio!.marks, { asked: 1, played: 1, cleared: 0 });
  // Nineteen frames came before the mark.
  assertGreater(heardAudio!.heardMs, 379);
  assertGreater(20 * heard.length, heardAudio!.heardMs);
  // The first frame has the number one in its lowest bits.
  assertEquals([...heard[0]!.subarray(32, 36)], [1, 0, 0, 0]);
});

Deno.test("sim jambonz reports marks when their audio has been heard, and those of a killAudio as cleared", async () => {
  const told: unknown[] = [];
  const { report } = await audioCall({
    verbs: [LISTEN, ...HANGUP],
    audio: {
      opened(connection) {
        connection.say(loud(160));
        connection.say(mark("heard"));
        connection.say(loud(60_000));
        connection.say(mark("dropped"));
        connection.say(loud(200));
      },
      heard({ type, data }, connection) {
        if (type !== "mark") return;
        told.push(data);
        if (told.length === 1) connection.say({ type: "killAudio" });
        if (told.length === 2) disconnect(connection);
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

Deno.test("sim jambonz presses keys in the audio, also while a gather receives them", async () => {
  const keys: unknown[] = [];
  const digits: unknown[] = [];
  const gather = { verb: "gather", input: ["digits"], numDigits: 2, actionHook: "/gathered" };
  const { report } = await audioCall({
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
  const { report } = await audioCall({
    verbs: [{ verb: "say", text: "Hello" }],
    told({ type, data }, application) {
      const { call_status } = data as Message;
      if (type === "call:status" && call_status === "in-progress") {
        application.say(commandOf("config", { listen: CONFIG_LISTEN.listen }));
      }
    },
    audio: { heard: ({ event, dtmf }) => event === "dtmf" && resolve(dtmf) },
  }, { script: "dtmf:5;hangup", timeScale: 10 });
  assertEquals(await within(pressed, () => "no key comes"), "5");
  assertEquals(report.heardAudio?.sockets, 1);
});

Deno.test("sim jambonz plays whole files if nothing is streamed, and reports their end", async () => {
  const { bidirectionalAudio: _, ...oneWay } = LISTEN;
  const done: unknown[] = [];
  const { report } = await audioCall({
    verbs: [oneWay, ...HANGUP],
    audio: {
      opened(connection) {
        const audioContent = loud(100).toBase64();
        const data = { audioContent, audioContentType: "raw", sampleRate: 8000, id: "file" };
        connection.say({ type: "playAudio", data });
      },
      heard({ type, data }, connection) {
        if (type !== "playDone") return;
        done.push(data);
        disconnect(connection);
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

Deno.test("sim jambonz measures how long an application is still heard after a key", async () => {
  const { promise: application, resolve } = Promise.withResolvers<Connection>();
  const { report } = await audioCall({
    // The caller presses no key while jambonz itself speaks.
    verbs: [CONFIG_LISTEN, { verb: "say", text: "word ".repeat(4000) }],
    told: (_, connection) => resolve(connection),
    audio: {
      opened(connection) {
        connection.say(loud(200));
        connection.say(mark("heard"));
        // In pieces: one frame of a minute may arrive after the key on a busy machine.
        for (let second = 0; second < 60; second++) connection.say(loud(1000));
        connection.say(mark("cut"));
      },
      async heard({ type, event, data }, connection) {
        if (event === "dtmf") connection.say({ type: "killAudio" });
        if (type !== "mark") return;
        const { name } = data as Message;
        const verbs = name === "heard" ? [{ verb: "pause", length: 1000 }] : HANGUP;
        (await within(application, () => "no application")).say(commandOf("redirect", verbs));
      },
    },
    // The caller stays until the application knows that its audio is closed, and hangs up. The audio
    // lasts half a minute, longer than the key takes on a busy machine.
  }, { script: "dtmf:1;wait:1000;hangup", timeScale: 2 });
  assertEquals(report.bargeInMs?.length, 1);
  assertLess(report.bargeInMs![0]!, 60_000);
});
