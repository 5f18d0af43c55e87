/**
 * Runs an app on its call. An error ends that call and nothing else.
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import type { Call, CallApp } from "../calls/app.ts";
import type { Log } from "../log.ts";
import type { AppCall } from "./app_call.ts";
import { NotAnApp } from "./apps.ts";

/** Runs the app to its end. It never rejects. */
export async function runApp(
  app: CallApp | Promise<CallApp>,
  call: AppCall & Call,
  log: Log,
): Promise<void> {
  try {
    await (await app)(call);
    // An app that returns does not leave its caller in silence.
    if (!call.released) call.hangup();
  } catch (error) {
    // For a file that does not load, our own stack says nothing.
    const told = error instanceof NotAnApp ? error.message : error;
    log.error("app failed", { call: call.id, error: told });
    if (call.ended) return;
    const why = error instanceof Error ? error.message : String(error);
    call.note(`The app failed: ${stripVTControlCharacters(why)}`);
    call.giveUp();
  }
}
