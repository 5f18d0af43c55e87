/** Every simulator rejects a server that breaks a rule, and names the rule. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { callInbound } from "../../simulators/inbound/call_inbound.ts";
import { callJambonz } from "../../simulators/jambonz/call_jambonz.ts";
import { connectParty } from "../../simulators/people/party.ts";
import { EventQueue } from "../../simulators/peer/event_queue.ts";
import { HABITS, type RuleName, RULES } from "../../simulators/rules.ts";
import { PeerSocket } from "../../simulators/peer/peer_socket.ts";
import type { Report } from "../../simulators/output/summary.ts";
import type { Sink } from "../../simulators/output/timeline.ts";
import { watchCall } from "../../simulators/people/watcher.ts";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { Wire } from "../../session/wire.ts";
import { BROKEN, BrokenPeer } from "../support/broken_peer.ts";
import { BEARER, inboundCall } from "../support/lines.ts";
import { TestServer } from "../support/server.ts";

/** A short time, for events that never come. */
const SOON_MS = 60;

/** Leaves at the first broken rule, so that nothing depends on the speed of the machine. */
function leavingOnFault(): { sink: Sink; signal: AbortSignal } {
  const leaving = new AbortController();
  return { sink: ({ rule }) => rule !== undefined && leaving.abort(), signal: leaving.signal };
}

const SIMULATORS = {
  inbound: (url: string, rule: RuleName) =>
    callInbound({
      url,
      // The caller must not hang up before the server's close.
      hangUpAfterMs: rule === "inbound.open-until-cdr" ? Infinity : 40,
      ...(rule === "inbound.answer" ? { answerWithinMs: SOON_MS } : {}),
    }),
  jambonz: (url: string, rule: RuleName) =>
    callJambonz({
      url,
      ...leavingOnFault(),
      timeScale: 50,
      ...(rule === "jambonz.ack-in-time" ? { ackWithinMs: SOON_MS } : {}),
    }),
  watch: (url: string, rule: RuleName) =>
    watchCall({
      url,
      token: "t",
      asks: rule === "watch.answers" || rule.startsWith("watch.ack") ? ["end"] : [],
      ...(rule === "watch.in-order" ? { after: 0 } : {}),
      ...(rule === "watch.answers" ? { answerWithinMs: SOON_MS, stayMs: 2 * SOON_MS } : {}),
    }),
  party: (url: string, rule: RuleName) =>
    connectParty({
      url,
      client: "+254712345678",
      ...leavingOnFault(),
      contracts: rule === "party.status" ? ["A"] : [],
      ...(rule === "party.in-order" ? { after: 0, untilUpdates: 2 } : {}),
    }),
};
type Door = keyof typeof SIMULATORS;
const DOORS = Object.keys(SIMULATORS) as Door[];

async function broken(door: Door, rule: RuleName, another = false): Promise<Report> {
  await using peer = new BrokenPeer(BROKEN[rule], { another });
  return await SIMULATORS[door](peer.url(), rule);
}

for (const rule of Object.keys(RULES) as RuleName[]) {
  // The jambonz simulator checks the rules of its audio.
  const prefix = rule.split(".")[0]!.replace("audio", "jambonz");
  const doors = DOORS.filter((door) => door === prefix);
  // Rules without a door in their name apply to all doors, or are checked by parties.
  const tested = doors.length > 0 ? doors : rule === "connects" ? DOORS : ["party" as const];
  for (const door of tested) {
    Deno.test(`sim ${door} rejects a server that breaks ${rule}`, async () => {
      const { faults } = await broken(door, rule);
      assertNotEquals(faults, []);
      assertEquals([...new Set(faults.map((fault) => fault.rule))], [rule]);
    });
  }
}

for (const habit of HABITS) {
  Deno.test(`sim does not require ${habit} of a server that is not Tipring`, async () => {
    const door = DOORS.find((door) => door === habit.split(".")[0])!;
    const { faults, unreachable } = await broken(door, habit, true);
    assertEquals([faults, unreachable], [[], undefined]);
  });
}

for (const rule of ["inbound.hangup-last", "watch.ack-once", "party.pong"] as const) {
  Deno.test(`sim requires ${rule} of every server`, async () => {
    const door = DOORS.find((door) => door === rule.split(".")[0])!;
    const { faults } = await broken(door, rule, true);
    assertEquals([...new Set(faults.map((fault) => fault.rule))], [rule]);
  });
}

Deno.test("Tipring identifies itself where its habits are checked", async () => {
  await using server = await TestServer.start();
  await using call = await inboundCall(server);
  const { liveConversationToken } = await server.call("inbound", "in-1");
  const headers = BEARER;
  const doors = [
    [inboundCallWire, "/inbound"],
    [liveCallsWire, `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`],
    [notificationsWire, "/api/v1/ws/%2B254712345678"],
  ] as const;
  for (const [wire, path] of doors) {
    using events = new EventQueue<Record<string, unknown>>();
    const socket = await PeerSocket.open(wire as Wire, { url: server.ws(path), headers }, events);
    assertEquals(socket.isTipring, true, path);
    await socket.close();
  }
  await call.close();
});

Deno.test("sim rules are all worded as requirements", () => {
  assertEquals(Object.values(RULES).filter((demand) => !demand.startsWith("it must ")), []);
});

Deno.test("sim rules are all in the document", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/simulators.md", import.meta.url));
  const rows = [...text.matchAll(/^\| `([\w.-]+)`\s*\| (.*?)\s*\|$/gm)];
  const told = Object.fromEntries(rows.map(([, rule, demand]) => [rule, demand]));
  assertEquals(Object.entries(RULES).filter(([rule, demand]) => told[rule] !== demand), []);
  const habits = [...text.slice(text.indexOf("### Habits")).matchAll(/^\| `([\w.-]+)`/gm)];
  assertEquals(habits.map(([, rule]) => rule as RuleName), [...HABITS]);
});
