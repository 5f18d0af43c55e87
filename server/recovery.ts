/**
 * What becomes of the calls that were not over when the server last stopped, or was killed.
 * @module
 */
import { CallWriter } from "../calls/writer.ts";
import type { Services } from "../routes/services.ts";
import { writeCdr } from "../calls/reconnects.ts";

/**
 * Takes the calls up. The socket of an inbound call died with the process, so that call is over; a
 * jambonz server comes back with `session:reconnect`, so its calls wait for it.
 */
export async function recoverCalls(
  { calls, failed, log, now, reconnects, recordings, stopping }: Services,
): Promise<void> {
  const open = await calls.recover();
  if (open.length > 0) log.info("calls taken up", { count: open.length });
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
    // A disk that takes nothing now keeps nobody from being served: the end follows.
    await writer.persistedOrStuck;
  }));
}
