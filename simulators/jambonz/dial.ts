/**
 * The dial verb in simulated time: the other leg rings, is answered or not, and two people talk.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import type { Caller } from "./caller.ts";
import type { Connection } from "./connection.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** What a dial needs of its call. */
export interface DialScene {
  readonly line: Connection;
  readonly caller: Caller;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly info: CallInfo & { readonly call_sid: string };
  /** Answers the caller's leg where it is not answered yet. */
  answer(): Promise<void>;
  /** Carries out a step of the caller's. */
  act(signal: AbortSignal): Promise<void>;
}

/** What a dial came to, as its hook says it. */
export interface Dialled {
  readonly dial_call_status: string;
  readonly dial_call_sid: string;
}

const RING_SECONDS = 1;
const TALK_SECONDS = 5;

/** Dials. */
export async function dial(verb: Verb, scene: DialScene, signal: AbortSignal): Promise<Dialled> {
  const { line, caller, time, timeline, info } = scene;
  const dial_call_sid = crypto.randomUUID();
  const [target] = [verb["target"]].flat() as { number?: string; name?: string }[];
  const leg = {
    call_sid: dial_call_sid,
    parent_call_sid: info.call_sid,
    direction: "outbound",
    from: info.from,
    to: target?.number ?? target?.name ?? "unknown",
  };
  const status = (call_status: string) => line.tell("call:status", { ...leg, call_status });
  const over = async (dial_call_status: string) => {
    await status(dial_call_status);
    return { dial_call_status, dial_call_sid };
  };
  await status("trying");
  await status("ringing");
  await time.sleep(RING_SECONDS, signal);
  const refused = caller.takeIf("busy", "no-answer");
  if (refused !== undefined) return await over(refused.kind);
  if (typeof verb["confirmHook"] === "string" && !signal.aborted) {
    await line.ask("dial:confirm", leg, verb["confirmHook"]);
  }
  await status("in-progress");
  await scene.answer();
  timeline.note("caller and called talk", { to: leg.to });
  while (!signal.aborted) {
    if (caller.takeIf("callee-hangup") !== undefined) break;
    if (caller.next === undefined) {
      await time.sleep(TALK_SECONDS, signal);
      break;
    }
    await scene.act(signal);
  }
  return await over("completed");
}
