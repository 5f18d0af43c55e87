/** How a simulated jambonz server opens and ends the audio of a call, and the call itself. */
import { assert, assertEquals } from "@std/assert";
import { tone } from "../../../simulators/audio/audio_source.ts";
import { callJambonz } from "../../../simulators/jambonz/call_jambonz.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import {
  audioApplication,
  commandOf,
  CONFIG_LISTEN,
  LISTEN,
} from "../../support/audio_application.ts";
import { audioCall, disconnect, HANGUP } from "../../support/audio_call.ts";
import { BrokenPeer, type Connection, type Message } from "../../support/broken_peer.ts";

Deno.test("sim jambonz opens the audio of a listen verb, names its call, and reports its end", async () => {
  const heard: Message[] = [];
  const { promise: headers, resolve } = Promise.withResolvers<Headers>();
  const hooks: Message[] = [];
  const { report } = await audioCall({
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
      heardAudio(bytes, connection) {
        assertEquals(bytes.length, 640);
        resolve(connection.headers);
        disconnect(connection);
      },
    },
  }, { callSid: "call-a", from: "+254712345678", audioSubprotocol: "audio.drachtio.org" });
  const shown = await within(headers, () => "nobody comes with audio");
  assertEquals(shown.get("authorization"), `Basic ${btoa("user:secret")}`);
  assertEquals(shown.get("sec-websocket-protocol"), "audio.drachtio.org");
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

Deno.test("sim jambonz has one background listen, and ends it when it is disabled", async () => {
  const closed = new Arrivals<number>();
  const disable = { verb: "config", listen: { enable: false } };
  const told = await audioCall({
    verbs: [CONFIG_LISTEN, CONFIG_LISTEN, disable, CONFIG_LISTEN],
    audio: { closed: (code) => closed.push(code) },
  }, { script: "hangup" });
  assertEquals(told.report.heardAudio?.sockets, 2);
  assertEquals(told.entries.filter(({ what }) => what.startsWith("a background listen")).length, 1);
  assertEquals([await closed.next(), await closed.next()], [1000, 1000]);
});

Deno.test("sim jambonz ends a listen verb by its key or its length, and reports it in the hook", async () => {
  const results: unknown[] = [];
  await audioCall({
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

Deno.test("sim jambonz ends a listen verb that is replaced, and leaves the background one alone", async () => {
  const sockets = new Set<Connection>();
  const closed = new Arrivals<number>();
  const { promise: application, resolve } = Promise.withResolvers<Connection>();
  const { entries } = await audioCall({
    verbs: [CONFIG_LISTEN, { ...LISTEN, actionHook: "/never" }],
    told: (_, connection) => resolve(connection),
    audio: {
      async heardAudio(_, connection) {
        if (sockets.has(connection) || sockets.add(connection).size < 2) return;
        (await within(application, () => "no application")).say(
          commandOf("redirect", [{ verb: "pause", length: 1000 }]),
        );
      },
      async closed(code) {
        closed.push(code);
        if (closed.all.length === 1) {
          (await within(application, () => "no application")).say(commandOf("redirect", HANGUP));
        }
      },
    },
  });
  assertEquals([await closed.next(), await closed.next()], [1000, 1000]);
  assertEquals(entries.filter(({ what }) => what === "verb:hook"), []);
});

Deno.test("sim jambonz switches between silence, nothing and the voice on listen:status", async () => {
  const statuses = ["silence", "pause", "resume"];
  let next = 0;
  let application: Connection | undefined;
  const seen: boolean[] = [];
  await audioCall({
    verbs: [LISTEN, ...HANGUP],
    told: (_, connection) => void (application = connection),
    audio: {
      heardAudio(bytes, connection) {
        const isSilent = new Int16Array(bytes.buffer).every((sample) => Math.abs(sample) <= 1);
        if (seen.at(-1) === isSilent) return;
        seen.push(isSilent);
        if (seen.length === 3) return disconnect(connection);
        for (let sent = 0; sent < seen.length; sent++) {
          if (next === statuses.length) break;
          application!.say(commandOf("listen:status", { listen_status: statuses[next++] }));
        }
      },
    },
  }, { audio: tone(440) });
  assertEquals(seen, [false, true, false]);
});

Deno.test("sim jambonz keeps the audio socket while the other one drops and comes back", async () => {
  let connections = 0;
  const { report } = await audioCall({
    verbs: [LISTEN],
    audio: { opened: () => void connections++ },
    // Slow enough for the first attempt to succeed on a busy machine.
  }, { script: "drop;wait:1;hangup", timeScale: 2 });
  assertEquals([report.reconnects, connections, report.heardAudio?.sockets], [1, 1, 1]);
});

Deno.test("sim jambonz lets an application close the audio of a call that it ends", async () => {
  for (const verbs of [[LISTEN], [CONFIG_LISTEN]]) {
    const { promise: application, resolve } = Promise.withResolvers<Connection>();
    const { report } = await audioCall({
      verbs,
      told: (_, connection) => resolve(connection),
      audio: {
        async opened(connection) {
          (await within(application, () => "no application")).say(commandOf("redirect", HANGUP));
          connection.close(1000);
        },
      },
    });
    assertEquals(report.ending.by, "application");
  }
});

Deno.test("sim jambonz continues with the next verb if no audio can be opened", async () => {
  await using peer = new BrokenPeer(audioApplication({
    verbs: [{ ...LISTEN, sampleRate: 11_025 }, { ...LISTEN, url: "audio" }, LISTEN, ...HANGUP],
    audio: { admits: () => false },
  }));
  const report = await callJambonz({ url: peer.url(), timeScale: 50 });
  const rules = report.faults.map(({ rule }) => rule);
  assertEquals(rules, ["jambonz.verbs", "jambonz.verbs", "connects"]);
  assertEquals(report.ending.by, "application");
});

Deno.test("sim jambonz counts answer and config as done, and reports verbs it cannot play", async () => {
  const { entries } = await audioCall({
    verbs: [{ verb: "answer" }, { verb: "config", reset: "synthesizer" }, {
      verb: "dtmf",
      dtmf: "1",
    }, ...HANGUP],
    audio: {},
  });
  assertEquals(
    entries.map(({ what }) => what).filter((what) => what.includes("not simulated")),
    ["dtmf is not simulated and does nothing"],
  );
});

Deno.test("sim jambonz hangs up during a say", async () => {
  const { report, entries } = await audioCall({
    verbs: [{ verb: "say", text: "word ".repeat(1000) }, { verb: "say", text: "never" }],
    audio: {},
  }, { script: "hangup:2" });
  assertEquals(report.ending, { status: "completed", by: "caller" });
  assertEquals(entries.filter(({ what }) => what === "verb say").length, 1);
});

Deno.test("sim jambonz is redirected to another hook by live call control", async () => {
  const { report } = await audioCall({
    verbs: [{ verb: "gather", input: ["digits"], actionHook: "/never" }],
    hooks: { "/next": [{ verb: "say", text: "You were sent here" }, ...HANGUP] },
    audio: {},
  }, { script: "redirect:/next" });
  assertEquals(report.heard, ["You were sent here"]);
  assertEquals(report.ending.by, "application");
});

for (const place of ["before", "behind"] as const) {
  Deno.test(`sim jambonz opens the audio of a config ${place} a say when its turn comes`, async () => {
    const say = { verb: "say", text: "A long story, which takes some seconds to be told." };
    const events = { verb: "config", notifyEvents: true };
    const asked = place === "before" ? [CONFIG_LISTEN, say] : [say, CONFIG_LISTEN];
    const { entries } = await audioCall({ verbs: [events, ...asked, ...HANGUP], audio: {} });
    const told = entries.flatMap(({ what, detail }) => {
      const { event, name } = (detail ?? {}) as Message;
      if (what === "audio connect") return [what];
      return what === "verb:status" && name === "say" ? [`${name} ${event}`] : [];
    });
    const spoken = ["say starting", "say finished"];
    const audio = ["audio connect"];
    assertEquals(told, place === "before" ? [...audio, ...spoken] : [...spoken, ...audio]);
  });
}
