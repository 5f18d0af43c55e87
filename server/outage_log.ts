/**
 * Logs outages: one line when something starts to fail, one when it works again.
 * @module
 */
import type { Log } from "../log.ts";
import { Outage, type OutageListener } from "./outage.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { Store } from "../store/store.ts";

/**
 * Calls retry every second. After two seconds without a fault the disk has room for all of them.
 */
const STEADY_MS = 2000;

/** Logs one outage; `began` and `over` are the messages of its two lines. */
export function logOutage(log: Log, began: string, over: string): OutageListener {
  return {
    began: (error) => log.error(began, { error }),
    over: (lastedMs) => log.warn(over, { lastedMs }),
  };
}

/** Logs when the store stops accepting writes and when it accepts them again, until it is disposed. */
export function logStore(log: Log, store: Store): Disposable {
  const listener = logOutage(log, "the store accepts no writes", "the store accepts writes again");
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
 * Logs our own faults. A failed write needs no warning: its caller gets the error or retries, and the
 * store's outage has its own lines.
 */
export function logFailures(log: Log): (error: unknown) => void {
  return (error) => {
    if (error instanceof StoreUnavailable) {
      log.debug("a write was not stored", { why: error.message });
    } else log.error("internal error", { error });
  };
}
