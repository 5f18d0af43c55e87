/** The command line of the simulators: its output, and its exit codes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Writable } from "node:stream";
import { writeWav } from "../../support/write_wav.ts";
import { parseScript } from "../../../simulators/jambonz/script.ts";
import { audioApplication, LISTEN, loud } from "../../support/audio_application.ts";
import { within } from "../../support/arrivals.ts";
import {
  type Behaviour,
  BROKEN,
  BrokenPeer,
  type Message,
  onIncoming,
} from "../../support/broken_peer.ts";
import { TestServer } from "../../support/server.ts";
import { sim, simOn, simWith } from "../../support/sim_command.ts";

Deno.test("sim names the broken rule and exits with 1, at each door", async () => {
  const runs = [
    ["inbound.answer-once", ["inbound", "--seconds", "0.05", "--url"]],
    ["jambonz.first-verbs", ["jambonz", "--time-scale", "50", "--url"]],
    ["audio.subprotocol", ["jambonz", "--time-scale", "50", "--url"]],
    ["watch.start-first", ["watch", "token", "--url"]],
    ["party.pong", ["party", "+254712345678", "--seconds", "0.05", "--url"]],
  ] as const;
  for (const [rule, words] of runs) {
    await using peer = new BrokenPeer(BROKEN[rule]);
    const { code, text } = await sim(...words, peer.url());
    assertEquals(code, 1, text);
    assertStringIncludes(text, `!! broken: ${rule}: it must `);
    assertStringIncludes(text, `broken         ${rule}`);
  }
});

Deno.test("sim explains how a stopping server breaks a rule", async () => {
  const server = await TestServer.start();
  const stopped = Promise.withResolvers<void>();
  const { code, text } = await simWith({
    out: (line) => line.includes("<- pong") && server.stop().then(stopped.resolve, stopped.reject),
  }, ...["party", "+254712345678", "--url", server.ws("/")]);
  await within(stopped.promise, () => `the server does not stop, and sim has told ${text}`);
  assertEquals(code, 1);
  // The reason is ours, or Deno's own where the machine is too busy for ours to go out in time.
  assertMatch(
    text,
    /!! broken: party\.stays-open: it must leave the socket open, but: closed with 1001 \(.+\)/,
  );
});

Deno.test("sim exits with 0 when every rule holds, and writes JSON for machines", async () => {
  await using server = await TestServer.start();
  const { code, out } = await sim(
    ...["inbound", "--url", server.ws("/"), "--seconds", "0.1", "--calls", "5", "--rate", "100/s"],
    ...["--mic", "--json"],
  );
  const lines = out.map((line) => JSON.parse(line));
  const { summary } = lines.at(-1);
  assertEquals([code, summary.conversations, summary.withFaults], [0, 5, 0]);
  assertEquals(summary.frames.lost, 0);
  assert(summary.roundTrips.count > 0);
  assertEquals(new Set(lines.slice(0, -1).map(({ who }) => who)).size, 5);
});

Deno.test("sim exits with 2 for wrong arguments and says what it expects", async () => {
  const wrong: [words: string[], told: string][] = [
    [["inbound", "--digits", "x@3"], "1@3s"],
    [["inbound", "--calls", "0"], "from 1 on"],
    [["inbound", "--url", "http://x/"], "ws://"],
    [["inbound", "--mic", "--tone"], "cannot be used"],
    [["inbound", "--wav", "/no/such.wav"], "/no/such.wav"],
    [["inbound", "--wav-after", "2"], "without --wav"],
    [["jambonz", "--script", "dance"], "speech:WORDS"],
    [["jambonz", "--mic", "--tone"], "cannot be used"],
    [["jambonz", "--audio-subprotocol", "sip"], "audio.drachtio.org"],
    [["watch"], "missing required argument"],
    [["party", "1", "--after", "-1"], "whole number"],
    [["nonsense"], "unknown command"],
  ];
  for (const [words, told] of wrong) {
    const { code, error } = await sim(...words);
    assertEquals(code, 2, words.join(" "));
    assertStringIncludes(error, told);
  }
});

Deno.test("sim reports a missing server in one line, at each door", async () => {
  const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `ws://127.0.0.1:${nobody.addr.port}/`;
  nobody.close();
  const told = `Cannot reach ${url}: connection refused. ` +
    "Is the server running (deno task start), and is this its port (--url)?";
  const commands = [
    ["inbound"],
    ["inbound", "--calls", "3", "--rate", "100/s"],
    ["jambonz"],
    ["watch", "latest"],
    ["watch", "token"],
    ["party", "+254712345678"],
  ];
  for (const words of commands) {
    const { code, out, error } = await sim(...words, "--url", url);
    assertEquals([code, out, error], [1, [], told], words.join(" "));
  }
  const { code, out, error } = await sim("inbound", "--json", "--url", url);
  const [entry, { summary }] = out.map((line) => JSON.parse(line));
  assertEquals([code, out.length, error], [1, 2, ""]);
  assertEquals([entry.what, entry.rule, summary.faults], [told, "connects", { connects: 1 }]);
});

Deno.test("sim jambonz prints the full id of its call, once", async () => {
  await using peer = new BrokenPeer(audioApplication({ verbs: [{ verb: "hangup" }], audio: {} }));
  const { code, out } = await sim("jambonz", "--url", peer.url());
  assertEquals(code, 0);
  const whole = out.filter((line) => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.test(line));
  assertEquals(whole, out.slice(0, 1));
  assertStringIncludes(whole[0]!, " -- the whole id  ");
});

Deno.test("sim points to the log when the server refused the call, and reports no broken rule", async () => {
  const sorry = { verb: "say", text: "Sorry, something went wrong. Please call again later." };
  const hangup = { verb: "hangup" };
  const refusing = (verbs: readonly Message[]) => audioApplication({ verbs, audio: {} });
  const calls: [door: "inbound" | "jambonz", server: Behaviour, hinted: boolean][] = [
    ["inbound", onIncoming([{ event: "hangup" }]), true],
    ["inbound", onIncoming([{ event: "answer" }, { event: "hangup" }]), false],
    ["jambonz", refusing([sorry, hangup]), true],
    ["jambonz", refusing([{ verb: "answer" }, sorry, hangup]), true],
    ["jambonz", refusing([{ verb: "sip:decline", status: 486 }]), true],
    ["jambonz", refusing([{ verb: "say", text: "Goodbye." }, hangup]), false],
    ["jambonz", refusing([sorry, { verb: "pause", length: 9 }]), false],
  ];
  for (const [door, server, hinted] of calls) {
    await using peer = new BrokenPeer(server);
    const words = [door, ...door === "jambonz" ? ["--time-scale", "50"] : [], "--url", peer.url()];
    const { code, text } = await sim(...words);
    assertEquals(code, 0, text);
    const hint = "the server refused the call: its log, or GET /api/v1/calls, has the reason";
    assertEquals(text.includes(hint), hinted, text);
    const { out } = await sim(...words, "--json");
    assertEquals(JSON.parse(out.at(-1)!).summary.refused, hinted ? 1 : undefined);
  }
});

Deno.test("sim party reports that its client is not a telephone number, and continues", async () => {
  await using server = await TestServer.start();
  for (const [client, told] of [["seller", true], ["+254712345678", false]] as const) {
    const leaving = new AbortController();
    const terminal = {
      out: (line: string) => line.includes('"what":"pong"') && leaving.abort(),
      signal: leaving.signal,
    };
    const words = ["party", client, "--json", "--url", server.ws("/")];
    const { code, out } = await simWith(terminal, ...words);
    const lines = out.map((line) => JSON.parse(line));
    assertEquals(code, 0);
    assertEquals(lines.some(({ what }) => what?.includes("clients are telephone numbers")), told);
  }
});

Deno.test("sim inbound plays its file only after the requested silence", async () => {
  const file = await Deno.makeTempFile({ suffix: ".wav" });
  const samples = new Int16Array(8000).fill(1000);
  await Deno.writeFile(file, writeWav({ sampleRate: 8000, channels: 1, samples }));
  let silentFrames = 0;
  let spoken = false;
  await using peer = new BrokenPeer({
    ...onIncoming([{ event: "answer" }]),
    heardAudio(bytes, connection) {
      // The lowest bit of a sample may hold the number of its frame.
      if (new Int16Array(bytes.buffer).every((sample) => Math.abs(sample) <= 1)) {
        if (!spoken) silentFrames++;
      } else if (!spoken) {
        spoken = true;
        connection.say({ event: "hangup" });
      }
    },
  });
  const { code, text } = await sim(
    "inbound",
    "--wav",
    file,
    "--wav-after",
    "0.1",
    "--url",
    peer.url(),
  );
  await Deno.remove(file);
  assertEquals([code, silentFrames], [0, 5], text);
});

Deno.test("sim prints its usage, microphone included", async () => {
  assertStringIncludes((await sim("--help")).text, "jambonz");
  const { code, text } = await sim("inbound", "--help");
  assertEquals(code, 0);
  assertStringIncludes(text, "sox -d");
  for (const door of ["inbound", "jambonz"]) {
    const { text } = await sim(door, "--help");
    assertStringIncludes(text, "without --wav or --mic it is a steady tone of 440 Hz");
    assertStringIncludes(text, door === "inbound" ? "A call lasts 12 s" : "600 s (--seconds)");
  }
});

Deno.test("sim jambonz reports what happened to a call's audio, with a voice and a subprotocol", async () => {
  const offered: unknown[] = [];
  await using peer = new BrokenPeer(audioApplication({
    verbs: [LISTEN, { verb: "hangup" }],
    audio: {
      opened(connection) {
        offered.push(connection.headers.get("sec-websocket-protocol"));
        connection.say({ type: "mark", data: { name: "first" } });
        connection.say(loud(200));
      },
      heardAudio: (bytes, connection) => connection.say(bytes),
      heard: ({ type }, connection) => type === "mark" && connection.say({ type: "disconnect" }),
    },
  }));
  const words = ["--url", peer.url(), "--time-scale", "20", "--tone", "300"];
  const { code, text } = await sim(
    "jambonz",
    ...words,
    "--audio-subprotocol",
    "audio.drachtio.org",
  );
  assertEquals([code, offered], [0, ["audio.drachtio.org"]], text);
  assertStringIncludes(text, "-> audio connect");
  assertStringIncludes(text, '<- audio mark  {"name":"first"}');
  assertStringIncludes(text, "marksAsked 1, marksPlayed 1, marksCleared 0");
  assertStringIncludes(text, "echoes         ");
  assertStringIncludes(text, " 0 lost, ");
});

Deno.test("sim shows the progress of many calls on a terminal", async () => {
  await using peer = new BrokenPeer(BROKEN["jambonz.first-verbs"]);
  let bar = "";
  const screen = new Writable({
    write(text, _, done) {
      bar += text;
      done();
    },
  });
  Object.assign(screen, { isTTY: true, columns: 80 });
  const { code } = await simOn(
    screen,
    ...["jambonz", "--url", peer.url(), "--time-scale", "50", "--calls", "2", "--rate", "100/s"],
  );
  assertEquals(code, 1);
  assertStringIncludes(bar, "0/2 over, 0 with faults");
  assertStringIncludes(bar, "2/2 over, 2 with faults");
});

Deno.test("sim reads call scripts", () => {
  assertEquals(
    parseScript("speech:book a car; dtmf:1#;wait:2.5;hangup:3;redirect:/b;drop;hangup;"),
    [
      { kind: "speech", text: "book a car" },
      { kind: "dtmf", digits: "1#" },
      { kind: "wait", seconds: 2.5 },
      { kind: "hangup-after", seconds: 3 },
      { kind: "redirect", hook: "/b" },
      { kind: "drop" },
      { kind: "hangup" },
    ],
  );
});
