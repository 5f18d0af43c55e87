/**
 * What has no meaning where it comes: logged once per session and kind, counted, and told at the end.
 * A malformed message is logged with the names of the fields that were wrong, never with what is in
 * them: it may be a secret.
 * @module
 */
import type { Log } from "../../log.ts";
import { Tally } from "../../session/tally.ts";
import type { Session } from "../../session/session.ts";

/** Frames are in flight when a call ends: counted like the others, and no warning. */
const USUAL: ReadonlySet<string> = new Set(["audio while ended"]);

/** Builds the `oddity` of a session's world. */
export function oddities(
  session: Session<never>,
  log: Log,
): (what: string, state: string, fields?: readonly string[]) => void {
  const { id, door } = session;
  let known: { readonly tally: Tally; readonly told: Set<string> } | undefined;
  // Most peers never say anything odd.
  const begin = () => {
    const tally = new Tally();
    session.ended.then(() => {
      log.info("session had oddities", { session: id, door, odd: tally.summary() });
    });
    return { tally, told: new Set<string>() };
  };
  return (what, state, fields = []) => {
    const kind = `${what} while ${state}`;
    const { tally, told } = known ??= begin();
    const isFirst = tally.add(kind);
    // A fault in another field is another fault: the people behind the peer want to know each.
    const named = `${kind}: ${fields.join(" ")}`;
    if (!isFirst && (fields.length === 0 || told.has(named))) return;
    told.add(named);
    const wrong = fields.length === 0 ? {} : { fields };
    const line = { session: id, door, what, state, ...wrong };
    if (USUAL.has(kind)) log.debug("odd message", line);
    else log.warn("odd message", line);
  };
}
