/**
 * Recovers the calls that were not over when the server last stopped or died.
 * @module
 */
import { CallWriter } from "../calls/writer.ts";
import type { Services } from "../routes/services.ts";
import { writeCdr } from "../calls/reconnects.ts";

/**
 * Recovers the open calls. An inbound call's socket died with the process, so the call is over. A
 * jambonz server comes back with `session:reconnect`, so its calls wait for it.
 */
export async function recoverCalls(
  { calls, failed, log, now, reconnects, recordings, stopping }: Services,
): Promise<void> {
  const open = await calls.recover();
  if (open.length > 0) log.info("calls recovered", { count: open.length });
  await Promise.all(open.map(async (call) => {
    const writer = new CallWriter(calls, failed, stopping);
    writer.resume(call);
    if (call.recording === "on") {
      const cutOff = await recordings.repair(call.id);
      writer.write(() => cutOff);
      await writer.persistedOrStuck;
    }
    if (call.line === "jambonz" && call.state !== "ended") return reconnects.expect(call, writer);
    const reason = "the server stopped while the call was on";
    writer.write(({ state }) =>
      state === "ended" ? undefined : { type: "ended", actor: "us", data: { by: "lost", reason } }
    );
    writeCdr(writer, now);
    // Serving does not wait for a full disk: the end is written later.
    await writer.persistedOrStuck;
  }));
}
