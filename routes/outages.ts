/**
 * What the log says of things that fail for a while: one line when it begins, one when it is over.
 * @module
 */
import type { Log } from "../log.ts";
import { Outage, type OutageListener } from "../store/outage.ts";
import type { Store } from "../store/store.ts";

/**
 * Calls try again every second what could not be kept: when nothing has failed for as long as that,
 * and a little more, the disk has room for all of them.
 */
const STEADY_MS = 2000;

/** Logs one outage; `began` and `over` are the constant texts of its two lines. */
export function logOutage(log: Log, began: string, over: string): OutageListener {
  return {
    began: (error) => log.error(began, { error }),
    over: (lastedMs) => log.warn(over, { lastedMs }),
  };
}

/** Logs when the store stops taking writes and when it takes them again, until it is disposed of. */
export function logStore(log: Log, store: Store): Disposable {
  const listener = logOutage(log, "the store takes no writes", "the store takes writes again");
  const outage = new Outage(listener, STEADY_MS);
  store.onOutcome = (fault) => fault === undefined ? outage.worked() : outage.failed(fault);
  return {
    [Symbol.dispose]() {
      store.onOutcome = undefined;
      outage.stop();
    },
  };
}

/**
 * Logs what should not happen. That a write was not kept says nothing new: whoever asked for it is
 * told or tries again, and the store's outage has its own lines.
 */
export function logFailures(log: Log): (error: unknown) => void {
  return (error) => {
    if (error instanceof Error && error.name === "StoreUnavailable") {
      log.debug("a write was not kept", { why: error.message });
    } else log.error("something failed", { error });
  };
}
