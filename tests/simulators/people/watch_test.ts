/** How a simulated watcher finds a call, and its messages. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CallNotFound, findLatest, findToken } from "../../../simulators/command/find_call.ts";
import { callInbound } from "../../../simulators/inbound/call_inbound.ts";
import type { Entry } from "../../../simulators/output/timeline.ts";
import { watchCall } from "../../../simulators/people/watcher.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { BrokenPeer } from "../../support/broken_peer.ts";
import { TestServer } from "../../support/server.ts";
import { sim, simWith } from "../../support/sim_command.ts";

/** No audio is late on a busy machine, and neither side hangs up on its own. */
const QUIET = {
  LIMIT_LATE_AUDIO_MS: "60000",
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
};

/** For a call that is already in progress. */
const NOT_WAITING = {
  atMostMs: 0,
  signal: new AbortController().signal,
  began: () => assert(false, "no call is on"),
};

Deno.test("sim watch finds a call by a prefix of the platform's id, on each line", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const url = server.ws("/");
  const leaving = new AbortController();
  const calls = ["0123456789ab-one", "0123456789ab-two", "other-0123456789"].map((sessionId) => {
    const on = Promise.withResolvers<void>();
    const report = callInbound({
      url,
      sessionId,
      signal: leaving.signal,
      sink: ({ what, direction }) => direction === "<-" && what === "answer" && on.resolve(),
    });
    return { report, on: on.promise };
  });
  await within(Promise.all(calls.map(({ on }) => on)), () => "not every call is answered");
  const { liveConversationToken } = await server.call("inbound", "other-0123456789");
  assertEquals(await findToken(url, "other-012345"), liveConversationToken);
  // A shorter id than on a line matches no call: the server checks it as a token.
  assertEquals(await findToken(url, "other-01"), "other-01");
  await assertRejects(() => findToken(url, "0123456789ab"), CallNotFound, "0123456789ab-two");
  const { liveConversationToken: one } = await server.call("inbound", "0123456789ab-one");
  assertEquals(await findToken(url, "0123456789ab-one"), one);
  leaving.abort();
  await within(Promise.all(calls.map(({ report }) => report)), () => "not every caller leaves");
});

Deno.test("sim watch follows a call to its end, by any of its ids", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const entries = new Arrivals<Entry>();
  const call = callInbound({
    url: server.ws("/"),
    sessionId: "watched",
    sink: (entry) => entries.push(entry),
  });
  await entries.some(({ what, direction }) => what === "answer" && direction === "<-");
  const { id } = await server.call("inbound", "watched");
  const url = server.ws("/");
  const token = await findLatest(url, "dev", NOT_WAITING);
  for (const which of [id, "watched", token]) assertEquals(await findToken(url, which), token);
  const watch = await watchCall({ url, token, asks: ["end"], user: "alice" });
  assertEquals(watch.faults, []);
  assertEquals(watch.callEnded, true);
  const types = watch.heard.map(({ type }) => type);
  assertEquals(types.toSorted(), ["ack", "event:callEnd", "event:start"]);
  assertEquals([(await call).faults, (await call).endedBy], [[], "server"]);
  for (const which of [id, "watched"]) {
    await assertRejects(() => findToken(url, which), CallNotFound, `Call ${which} is over`);
  }
  const late = await watchCall({ url, token, after: 0 });
  assertEquals(late.faults, []);
  assertEquals(late.heard.map(({ type }) => type), ["event:start", "event:callEnd"]);
});

Deno.test("sim watch latest waits for the next call, and follows it", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  const waits = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const watched = simWith({
    error: (line) => line.startsWith("No call is on: waiting") && waits.resolve(),
    out: (line) => line.includes("<- event:start") && started.resolve(),
  }, ...["watch", "latest", "--url", server.ws("/")]);
  await within(waits.promise, () => "it does not say that it waits");
  const leaving = new AbortController();
  const call = callInbound({ url: server.ws("/"), signal: leaving.signal });
  await within(started.promise, () => "it does not watch the call");
  leaving.abort();
  await call;
  const { code, text, error } = await watched;
  assertEquals(code, 0, text);
  assertEquals(error, "No call is on: waiting for the next one (Ctrl-C to leave)");
  assertStringIncludes(text, "callEnded true");
});

Deno.test("sim watch latest gives up after its timeout, or when it is stopped", async () => {
  await using server = await TestServer.start();
  const words = ["watch", "latest", "--json", "--url", server.ws("/")];
  const late = await sim(...words, "--seconds", "0.05");
  assertEquals([late.code, late.out], [1, []]);
  assertStringIncludes(late.error, "\nNo call came within 0.05 s");
  const leaving = new AbortController();
  const left = await simWith({ error: () => leaving.abort(), signal: leaving.signal }, ...words);
  assertEquals([left.code, left.error.split("\n")[1]], [1, "No call came"]);
});

Deno.test("sim watch latest does not wait if the call log cannot be read", async () => {
  await using peer = new BrokenPeer({});
  const { code, error } = await sim("watch", "latest", "--url", peer.url());
  assertEquals([code, error], [1, `Cannot read the call log of ${peer.url()}: it answers 404`]);
});

Deno.test("sim watch reports an unknown call or a refused key, and no broken rule", async () => {
  await using server = await TestServer.start({ settings: QUIET });
  for (
    const [key, told] of [["dev", "No call in progress has this conversation token"], [
      "wrong",
      "The server does not accept this key (--key)",
    ]]
  ) {
    const lines: Entry[] = [];
    const report = await within(
      watchCall({ url: server.ws(""), token: "nope", key: key!, sink: (line) => lines.push(line) }),
      () => "the watcher does not give up",
    );
    assertEquals(lines.map(({ what }) => what), [told]);
    assertEquals(report.faults.length, 1, "the exit code is 1 all the same");
    assertEquals(lines[0]?.detail, undefined);
  }
});
