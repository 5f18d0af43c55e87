/**
 * Calls of a simulated jambonz server to applications that use the audio.
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  callJambonz,
  type JambonzOptions,
  type JambonzReport,
} from "../../simulators/jambonz/call_jambonz.ts";
import { parseScript } from "../../simulators/jambonz/script.ts";
import type { Entry } from "../../simulators/output/timeline.ts";
import { within } from "./arrivals.ts";
import { type AudioApplication, audioApplication } from "./audio_application.ts";
import { BrokenPeer, type Connection, type Message } from "./broken_peer.ts";

/** A call takes some seconds on a busy machine. */
const CALL_MS = 60_000;

/** The verbs that end a call. */
export const HANGUP: readonly Message[] = [{ verb: "hangup" }];

/** A mark as an application sends it. */
export function mark(name: string): Message {
  return { type: "mark", data: { name } };
}

/** Ends the audio from the application. */
export function disconnect(connection: Connection): void {
  connection.say({ type: "disconnect" });
}

/** Calls an application and asserts that it keeps every rule. The caller waits for its end. */
export async function audioCall(
  application: AudioApplication,
  { script = "wait:1000;hangup", ...options }:
    & { script?: string }
    & Omit<Partial<JambonzOptions>, "script"> = {},
): Promise<{ report: JambonzReport; entries: readonly Entry[] }> {
  const entries: Entry[] = [];
  await using peer = new BrokenPeer(audioApplication(application));
  const calling = callJambonz({
    url: peer.url("/app"),
    timeScale: 50,
    script: parseScript(script),
    sink: (entry) => entries.push(entry),
    ...options,
  });
  const told = () => `the call goes on after ${Deno.inspect(entries.slice(-8))}`;
  const report = await within(calling, told, CALL_MS);
  assertEquals(report.faults, []);
  return { report, entries };
}
