/**
 * Logs sessions: when they open, move and end, what they dropped, and unexpected events.
 * @module
 */
import type { Log } from "../log.ts";
import type { Observe, SessionFact } from "../session/observe.ts";
import type { Unexpected } from "../session/protocol.ts";
import { Tally } from "../session/tally.ts";

/** The log's fields for one session at its end; created when there is something to count. */
interface Counts {
  readonly dropped: Tally;
  readonly unexpected: Tally;
  /** Faults that were logged, by the fields that were wrong. */
  readonly logged: Set<string>;
}

/** Logs the facts of sessions, never the contents of messages. Audio is not logged. */
export function logSessions(log: Log): Observe {
  const sessions = new Map<string, Counts>();

  function countsOf(session: string): Counts {
    let counts = sessions.get(session);
    if (counts === undefined) {
      counts = { dropped: new Tally(), unexpected: new Tally(), logged: new Set() };
      sessions.set(session, counts);
    }
    return counts;
  }

  return ({ id: session, door }, fact: SessionFact) => {
    switch (fact.kind) {
      case "audio":
      case "play":
        return;
      case "opened":
        return log.info("session opened", { session, door, ...fact.peer });
      case "dropped": {
        const { what, why } = fact;
        if (!countsOf(session).dropped.add(`${what}: ${why}`)) return;
        return log.warn("session dropped data", { session, door, what, why });
      }
      case "move":
        return log.debug("session moved", { session, door, from: fact.from, to: fact.to });
      case "unexpected":
        if (!isNews(fact, countsOf(session))) return;
        return log.warn("unexpected event", {
          session,
          door,
          what: fact.what,
          state: fact.state,
          ...(fact.fields?.length ? { fields: fact.fields } : {}),
        });
      case "failed":
        return log.error("session failed", { session, door, error: fact.error });
      case "closed": {
        const { code, reason } = fact;
        const dropped = sessions.get(session)?.dropped.summary();
        const unexpected = sessions.get(session)?.unexpected.summary();
        sessions.delete(session);
        return log.info("session ended", {
          session,
          door,
          code,
          reason,
          ...(dropped === undefined ? {} : { dropped }),
          ...(unexpected === undefined ? {} : { unexpected }),
        });
      }
    }
  };
}

/**
 * Whether an unexpected event is logged: the first of its kind, and each new set of wrong fields,
 * by their names and never by their values: these may be secret.
 */
function isNews({ what, state, fields = [] }: Unexpected, { unexpected, logged }: Counts): boolean {
  const kind = `${what} while ${state}`;
  const isFirst = unexpected.add(kind);
  // The operators of the peer need every fault.
  const named = `${kind}: ${fields.join(" ")}`;
  if (!isFirst && (fields.length === 0 || logged.has(named))) return false;
  logged.add(named);
  return true;
}
