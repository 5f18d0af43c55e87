/**
 * Logs sessions: when they open, move and end, and what they dropped.
 * @module
 */
import type { Log } from "../log.ts";
import type { Observe } from "../session/observe.ts";
import { Tally } from "../session/tally.ts";

/** Logs the facts of sessions, never the contents of messages. Audio leaves no trace. */
export function logSessions(log: Log): Observe {
  const tallies = new Map<string, Tally>();
  return ({ id: session, door }, fact) => {
    switch (fact.kind) {
      case "audio":
      case "play":
        return;
      case "opened":
        return log.info("session opened", { session, door });
      case "dropped": {
        const tally = tallies.get(session) ?? new Tally();
        tallies.set(session, tally);
        if (!tally.add(`${fact.what}: ${fact.why}`)) return;
        return log.warn("session dropped something", {
          session,
          door,
          what: fact.what,
          why: fact.why,
        });
      }
      case "move":
        return log.debug("session moved", { session, door, from: fact.from, to: fact.to });
      case "failed":
        return log.error("session failed", { session, door, error: fact.error });
      case "closed": {
        const dropped = tallies.get(session)?.summary();
        tallies.delete(session);
        return log.info("session ended", {
          session,
          door,
          code: fact.code,
          reason: fact.reason,
          ...(dropped === undefined ? {} : { dropped }),
        });
      }
    }
  };
}
