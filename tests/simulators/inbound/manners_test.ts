/** The manners of the inbound simulator, and other servers. */
import { assertEquals, assertGreater, assertObjectMatch } from "@std/assert";
import { callInbound } from "../../../simulators/inbound/call_inbound.ts";
import { type Manner, MANNERS } from "../../../simulators/inbound/manners.ts";
import { BrokenPeer, onIncoming } from "../../support/broken_peer.ts";
import type { Message } from "../../support/client.ts";
import { QUIET_INBOUND } from "../../support/lines.ts";
import { echoesAtOnce, echoesInTurn, ReferenceServer } from "../../support/reference_servers.ts";
import { TestServer } from "../../support/server.ts";
import { sim } from "../../support/sim_command.ts";

const REFERENCES = { "echoes at once": echoesAtOnce, "echoes in turn": echoesInTurn };
/** The last key, after which the servers hang up. */
const KEYS = [{ digit: "7", afterMs: 10 }];

for (const [name, make] of Object.entries(REFERENCES)) {
  Deno.test(`sim inbound reports no fault for a reference server that ${name}`, async () => {
    await using server = await ReferenceServer.start(make);
    const report = await callInbound({ url: server.url, keys: KEYS });
    assertEquals(report.faults, []);
    assertEquals([report.answered, report.endedBy], [true, "server"]);
    assertEquals(report.interruptionsMs.length, 1);
    assertGreater(report.frames.back, 0);
    assertEquals(server.heard.map(({ event }) => event), ["incoming_call", "dtmf", "cdr"]);
    assertEquals(await server.closes.next(), 1000, "the platform closes");
  });

  Deno.test(`sim inbound hangs up on a reference server that ${name}, and reports no fault`, async () => {
    await using server = await ReferenceServer.start(make);
    const report = await callInbound({ url: server.url, hangUpAfterMs: 5 });
    assertEquals([report.faults, report.endedBy], [[], "caller"]);
    assertEquals(server.heard.at(-1)?.["event"], "cdr");
  });

  Deno.test(`sim inbound sends a reference server that ${name} what real platforms send`, async () => {
    await using server = await ReferenceServer.start(make);
    const reports = await Promise.all(
      MANNERS.map((manner) => callInbound({ url: server.url, manner, keys: KEYS })),
    );
    assertEquals(reports.map(({ faults }) => faults), MANNERS.map(() => []));
    assertEquals(reports.map(({ endedBy }) => endedBy), MANNERS.map(() => "server"));
  });
}

Deno.test("sim inbound reports a frame after the hangup if the server says it is Tipring", async () => {
  const frame = new Uint8Array(320);
  for (const another of [false, true]) {
    await using peer = new BrokenPeer(
      onIncoming([{ event: "answer" }, { event: "hangup" }, frame]),
      { another },
    );
    const { faults } = await callInbound({ url: peer.url() });
    assertEquals(faults.map(({ rule }) => rule), another ? [] : ["inbound.silent-last"]);
  }
});

Deno.test("deno task sim inbound exits with 0 against a reference server", async () => {
  await using server = await ReferenceServer.start(echoesInTurn);
  const { code, text } = await sim("inbound", "--digits", "7@0.01s", "--url", server.url);
  assertEquals(code, 0, text);
});

/** A call in this manner and its CDR, as in REST. */
const KEPT: Readonly<Record<Manner, { call: Message; cdr: Message }>> = {
  document: {
    call: { from: "+254712345678", to: "5000" },
    cdr: { source: "+254712345678", disposition: "ANSWERED", hangupCauseCode: 16, unread: [] },
  },
  numbers: {
    call: { from: "254712345678", fromE164: "+254712345678", to: "5000" },
    cdr: { source: "254712345678", disposition: "ANSWERED", hangupCauseCode: 16, unread: [] },
  },
  nulls: { call: { from: null, to: null }, cdr: { source: null, disposition: null, unread: [] } },
  missing: { call: { from: null, to: null }, cdr: { source: null, disposition: null, unread: [] } },
  nonsense: {
    call: { from: "+254712345678", to: "5000" },
    cdr: {
      source: null,
      startTime: null,
      durationSeconds: null,
      hangupCauseCode: null,
      unread: [
        "sessionId",
        "source",
        "startTime",
        "endTime",
        "duration",
        "billableSeconds",
        "disposition",
        "hangupBy",
        "hangupCauseCode",
      ],
    },
  },
};

for (const manner of MANNERS) {
  Deno.test(`inbound call accepts a platform whose manner is ${manner}: call, keys and CDR`, async () => {
    await using server = await TestServer.start({
      settings: { ...QUIET_INBOUND, LIMIT_LATE_AUDIO_MS: "60000" },
    });
    const leaving = new AbortController();
    let keys = 0;
    const report = await callInbound({
      url: server.ws("/"),
      manner,
      keys: [{ digit: "1", afterMs: 0 }, { digit: "A", afterMs: 0 }],
      signal: leaving.signal,
      sink: ({ direction, what }) =>
        direction === "->" && what === "dtmf" && ++keys === 2 && leaving.abort(),
    });
    assertEquals([report.faults, report.endedBy], [[], "caller"]);
    const { calls: [call] } = await server.rest("GET", "/calls");
    assertObjectMatch(call, { state: "ended", endedBy: "caller", ...KEPT[manner].call });
    assertObjectMatch(call.cdr, { madeByUs: false, ...KEPT[manner].cdr });
    const { events } = await server.rest("GET", `/calls/${call.id}/events`);
    const pressed = events.filter(({ type }: Message) => type === "dtmf");
    assertEquals(pressed.map(({ data }: { data: Message }) => data["digit"]), ["1", "A"]);
    if (manner !== "numbers") return;
    for (const name of ["startTime", "answerTime", "endTime"]) {
      assertEquals(new Date(call.cdr[name]).toISOString(), call.cdr[name]);
    }
  });
}
