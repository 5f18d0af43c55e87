/**
 * What has no meaning where it comes: logged once per session and kind, counted, and told at the end.
 * @module
 */
import type { Log } from "../log.ts";
import { Tally } from "../session/tally.ts";
import type { Session } from "../session/session.ts";

/** Builds the `oddity` of a session's world. */
export function oddities(
  session: Session<never>,
  log: Log,
): (what: string, state: string) => void {
  const tally = new Tally();
  const { id, door } = session;
  session.ended.then(() => {
    const odd = tally.summary();
    if (odd !== undefined) log.info("session had oddities", { session: id, door, odd });
  });
  return (what, state) => {
    if (!tally.add(`${what} while ${state}`)) return;
    log.warn("odd message", { session: id, door, what, state });
  };
}
