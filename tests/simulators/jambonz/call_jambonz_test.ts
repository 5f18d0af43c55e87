/** Verbs and keys on a simulated jambonz server, as on a feature server. */
import { assertEquals } from "@std/assert";
import {
  callJambonz,
  type JambonzOptions,
  type JambonzReport,
} from "../../../simulators/jambonz/call_jambonz.ts";
import { parseScript } from "../../../simulators/jambonz/script.ts";
import { BrokenPeer, type Connection, type Message } from "../../support/broken_peer.ts";

type Verbs = readonly Message[];

/** How an application behaves. */
interface Peer {
  readonly verbs: Verbs;
  /** The verbs for a hook, by its name; none for any other. */
  readonly hooks?: Readonly<Record<string, Verbs>>;
  /** Closes the socket on a hook, in place of an ack. */
  readonly losesHooks?: boolean;
  heard?(message: Message, connection: Connection): void;
}

/** Calls such an application. Resolves with the report and all messages to it. */
async function call(
  { verbs, hooks = {}, losesHooks = false, heard }: Peer,
  { script = "", ...options }: Partial<Omit<JambonzOptions, "script">> & { script?: string } = {},
): Promise<{ report: JambonzReport; told: string[] }> {
  const told: string[] = [];
  await using peer = new BrokenPeer({
    heard(message, connection) {
      const { type, msgid, hook, data } = message;
      const { call_status, digits, reason, event, verb, msg } = data as Message;
      const status = type === "call:status" ? call_status : undefined;
      const words = [type, hook, status, digits, event, msg, verb, reason];
      told.push(words.filter((word) => word !== undefined).join(" "));
      if (type === "session:new") connection.say({ type: "ack", msgid, data: verbs });
      if (type === "verb:hook" && losesHooks) return connection.close(4000);
      if (type === "verb:hook" || type === "session:redirect") {
        const answer = hooks[String(hook)];
        connection.say({ type: "ack", msgid, ...(answer === undefined ? {} : { data: answer }) });
      }
      if (type === "session:reconnect") connection.say({ type: "ack", msgid });
      heard?.(message, connection);
    },
  });
  const report = await callJambonz({
    url: peer.url(),
    timeScale: 100,
    script: parseScript(script),
    ...options,
  });
  return { report, told };
}

/** Sends a redirect at the call:status in-progress, or at this type. */
function redirects(data: Verbs, on = "call:status"): Peer["heard"] {
  let sent = false;
  return ({ type, data: info }, connection) => {
    const isAnswered = (info as Message)["call_status"] === "in-progress";
    if (sent || type !== on || (on === "call:status" && !isAnswered)) return;
    sent = true;
    connection.say({ type: "command", command: "redirect", queueCommand: false, data });
  };
}

const HOOKS = (told: readonly string[]) => told.filter((line) => line.startsWith("verb:hook"));
const GATHER = { verb: "gather", input: ["digits"], timeout: 5, actionHook: "/keys" };

Deno.test("sim jambonz ends an idle call on a redirect without verbs", async () => {
  const { report } = await call({
    verbs: [{ verb: "config", notifyEvents: true }, { verb: "answer" }],
    heard: (message, connection) => {
      const { event, name } = message["data"] as Message;
      if (event !== "finished" || name !== "answer") return;
      connection.say({ type: "command", command: "redirect", queueCommand: false, data: [] });
    },
  });
  assertEquals(report.ending, { status: "completed", by: "jambonz" });
  assertEquals(report.faults.map(({ rule }) => rule), ["jambonz.redirects"]);
});

for (const verb of [{ verb: "config" }, { verb: "pause", length: 0 }, { verb: "tag", data: {} }]) {
  Deno.test(`sim jambonz stops what runs and keeps the call on a ${verb.verb}`, async () => {
    const { report, told } = await call({
      verbs: [{ ...GATHER, timeout: 0 }],
      heard: redirects([verb]),
    });
    assertEquals(HOOKS(told), []);
    // The caller hears nothing more and hangs up.
    assertEquals([report.ending.by, report.faults], ["caller", []]);
  });
}

Deno.test("sim jambonz kills what runs on a redirect without verbs, and waits for commands", async () => {
  const { report, told } = await call({
    verbs: [{ ...GATHER, timeout: 0 }],
    heard: redirects([]),
  });
  assertEquals(HOOKS(told), []);
  assertEquals(report.ending.by, "caller");
});

Deno.test("sim jambonz drops the keys of a gather without minDigits", async () => {
  const gather = { ...GATHER, interDigitTimeout: 1 };
  const hooks = { "/keys": [{ verb: "hangup" }] };
  const { told } = await call({ verbs: [gather], hooks }, { script: "dtmf:12" });
  assertEquals(HOOKS(told), ["verb:hook /keys timeout"]);
});

for (
  const [name, more, keys, told] of [
    ["minDigits", { minDigits: 1 }, "12", "12"],
    ["minDigits and interDigitTimeout", { minDigits: 1, interDigitTimeout: 1 }, "12", "12"],
    ["numDigits", { numDigits: 2 }, "123", "12"],
    ["maxDigits", { maxDigits: 1 }, "12", "1"],
    ["finishOnKey", { finishOnKey: "#" }, "12#3", "12"],
  ] as const
) {
  Deno.test(`sim jambonz reports the keys of a gather with ${name}`, async () => {
    const hooks = { "/keys": [{ verb: "hangup" }] };
    const call1 = await call({ verbs: [{ ...GATHER, ...more }], hooks }, {
      script: `dtmf:${keys}`,
    });
    assertEquals(HOOKS(call1.told), [`verb:hook /keys ${told} dtmfDetected`]);
  });
}

Deno.test("sim jambonz sends nothing after session:reconnect if nothing runs", async () => {
  const { report, told } = await call({ verbs: [{ verb: "answer" }] }, { script: "drop" });
  assertEquals(told.slice(told.indexOf("session:reconnect") + 1), [
    "call:status completed",
  ]);
  assertEquals(report.faults, []);
});

Deno.test("sim jambonz sends no hook for a gather of speech if there is no recogniser", async () => {
  const gather = { ...GATHER, input: ["speech", "digits"], say: { text: "Hello" } };
  const { report, told } = await call({ verbs: [gather] }, {
    lacks: ["recogniser"],
    script: "speech:yes",
  });
  assertEquals(told.slice(3), [
    "jambonz:error ASR error gather",
    "call:status completed",
  ]);
  assertEquals([report.heard, report.ending.by], [[], "caller"]);
});

Deno.test("sim jambonz skips a say if there is no voice, and gathers without its prompt", async () => {
  const { report, told } = await call({
    verbs: [{ verb: "say", text: "Hello" }, { ...GATHER, numDigits: 1, say: { text: "A key?" } }],
    hooks: { "/keys": [{ verb: "hangup" }] },
  }, { lacks: ["voice"], script: "dtmf:1" });
  assertEquals(told.slice(3), [
    "jambonz:error TTS error say",
    "jambonz:error TTS error say",
    "verb:hook /keys 1 dtmfDetected",
    "call:status completed",
  ]);
  assertEquals(report.heard, []);
});

Deno.test("sim jambonz reports that a file was played or is missing, and nothing else", async () => {
  const play = (url: string, actionHook: string) => ({ verb: "play", url, actionHook });
  const { told } = await call({
    verbs: [
      play("https://example.org/a.wav", "/a"),
      play("https://example.org/missing", "/b"),
      play("https://files.invalid/c.wav", "/c"),
      { verb: "hangup" },
    ],
  });
  assertEquals(HOOKS(told), ["verb:hook /a playCompleted", "verb:hook /b playFailed"]);
});

Deno.test("sim jambonz reports a killed play like a finished one, and accepts verbs for it", async () => {
  const play = { verb: "play", url: "https://example.org/a.wav", actionHook: "/a" };
  const { report, told } = await call({
    verbs: [play],
    hooks: { "/a": [{ verb: "say", text: "From the hook" }, { verb: "hangup" }] },
    heard: redirects([{ verb: "say", text: "From the redirect" }, { verb: "hangup" }]),
  });
  assertEquals(HOOKS(told), ["verb:hook /a playCompleted"]);
  assertEquals([report.heard, report.ending.by], [["From the hook"], "application"]);
});

Deno.test("sim jambonz reports nothing of a play when the caller hangs up during it", async () => {
  const play = { verb: "play", url: "https://example.org/a.wav", actionHook: "/a" };
  const { report, told } = await call({ verbs: [play] }, { script: "hangup:1" });
  assertEquals([HOOKS(told), report.ending.by], [[], "caller"]);
});

Deno.test("sim jambonz never resends a hook that was pending when the socket was lost", async () => {
  const gather = { ...GATHER, numDigits: 1 };
  const { report, told } = await call({ verbs: [gather], losesHooks: true }, { script: "dtmf:1" });
  assertEquals(HOOKS(told), ["verb:hook /keys 1 dtmfDetected"]);
  assertEquals(told.slice(told.indexOf("session:reconnect") + 1), ["call:status completed"]);
  assertEquals([report.faults, report.reconnects, report.ending.by], [[], 1, "caller"]);
});

Deno.test("sim jambonz loses a hook in transit with drop:hook, and sends nothing more", async () => {
  const { report, told } = await call({ verbs: [{ ...GATHER, numDigits: 1 }] }, {
    script: "dtmf:1;drop:hook",
  });
  assertEquals(HOOKS(told), []);
  assertEquals(told.slice(told.indexOf("session:reconnect") + 1), ["call:status completed"]);
  assertEquals([report.faults, report.reconnects, report.ending.by], [[], 1, "caller"]);
});

Deno.test("sim jambonz skips a hangup before the answer, and a decline after it", async () => {
  const { report, told } = await call({
    verbs: [
      { verb: "hangup" },
      { verb: "answer" },
      { verb: "sip:decline", status: 603 },
      { verb: "pause", length: 1 },
      { verb: "hangup" },
    ],
  });
  assertEquals(told.slice(1), [
    "call:status trying",
    "call:status in-progress",
    "call:status completed",
  ]);
  assertEquals(report.ending, { status: "completed", by: "application" });
});

Deno.test("sim jambonz rings until the caller gives up if nothing answers the call", async () => {
  const { report, told } = await call({
    verbs: [{ verb: "pause", length: 1 }, { verb: "hangup" }],
  });
  assertEquals(told.at(-1), "call:status no-answer");
  assertEquals(report.ending, { status: "no-answer", by: "caller" });
});

Deno.test("sim jambonz always refuses tokens of more than 1,000 characters, and pauses", async () => {
  const events: unknown[] = [];
  const { report } = await call({
    verbs: [{ verb: "config", ttsStream: { enable: true } }, { verb: "pause", length: 20 }],
    heard({ data }, connection) {
      const { event_type, status } = data as Message;
      if (event_type !== undefined) events.push(event_type);
      if (status !== undefined) events.push(status);
      if (event_type !== "stream_open") return;
      const tokens = "a".repeat(1001);
      connection.say({ type: "command", command: "tts:tokens", data: { id: 1, tokens } });
    },
  });
  assertEquals(events, ["stream_open", "stream_paused", "failed", "stream_closed"]);
  assertEquals(report.streamed, "");
});
