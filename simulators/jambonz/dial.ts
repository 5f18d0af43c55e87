/**
 * The dial verb in simulated time: the other leg rings, is answered or not, and two people talk.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallContext } from "./call_context.ts";
import type { Caller } from "./caller.ts";

/** The result of a dial, as in its hook. */
interface Dialled {
  readonly dial_call_status: string;
  readonly dial_call_sid: string;
}

const RING_SECONDS = 1;
const TALK_SECONDS = 5;

/** Dials; `answer` answers the caller's leg when the other leg answers. */
export async function dial(
  verb: Verb,
  { connection, time, timeline, info }: CallContext,
  caller: Caller,
  answer: () => Promise<void>,
  signal: AbortSignal,
): Promise<Dialled> {
  const dial_call_sid = crypto.randomUUID();
  const [target] = [verb["target"]].flat() as { number?: string; name?: string }[];
  const leg = {
    call_sid: dial_call_sid,
    parent_call_sid: info.call_sid,
    direction: "outbound",
    from: info.from,
    to: target?.number ?? target?.name ?? "unknown",
  };
  const status = (call_status: string) => connection.notify("call:status", { ...leg, call_status });
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
    await connection.request("dial:confirm", leg, verb["confirmHook"]);
  }
  await status("in-progress");
  await answer();
  timeline.note("caller and callee talk", { to: leg.to });
  while (!signal.aborted) {
    if (caller.takeIf("callee-hangup") !== undefined) break;
    if (caller.next === undefined) {
      await time.sleep(TALK_SECONDS, signal);
      break;
    }
    await caller.act(signal);
  }
  return await over("completed");
}
