/**
 * Runs an app on its call, and contains it: what it throws ends its own call and nothing else.
 * @module
 */
import type { CallApp } from "../calls/app.ts";
import type { Log } from "../log.ts";
import type { AppCall } from "./app_call.ts";

/** Runs the app to its end. It never rejects. */
export async function runApp(
  app: Promise<CallApp>,
  call: AppCall,
  log: Log,
): Promise<void> {
  try {
    await (await app)(call);
    // An app that has nothing more to do does not leave its caller in silence.
    if (!call.released) call.hangup();
  } catch (error) {
    log.error("app failed", { call: call.id, error });
    if (call.ended) return;
    call.note(`The app failed: ${error instanceof Error ? error.message : String(error)}`);
    call.giveUp();
  }
}
