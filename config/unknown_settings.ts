/**
 * Finds misspelt settings: without a warning, a name that nothing reads goes unnoticed.
 * @module
 */

/** A name with this prefix is most likely one of our settings. */
const PREFIXES = ["APP_", "INBOUND_", "JAMBONZ_", "LIMIT_", "LOG_", "PAYMENT_", "WEBHOOK_"];
/** Short names allow one edit only: HOME does not mean HOST. */
const SHORT_NAME = 4;

/** An unknown name, and the closest setting. */
export interface UnknownSetting {
  readonly name: string;
  readonly closest: string;
}

/** The names that are close to a setting but are none. */
export function unknownSettings(
  names: Iterable<string>,
  settings: readonly string[],
): UnknownSetting[] {
  return [...new Set(names)].filter((name) => !settings.includes(name)).flatMap((name) => {
    const [closest] = settings.map((setting) => ({ setting, edits: editsBetween(name, setting) }))
      .toSorted((a, b) => a.edits - b.edits);
    if (closest === undefined) return [];
    const isClose = closest.edits <= (name.length <= SHORT_NAME ? 1 : 2);
    if (!isClose && !PREFIXES.some((prefix) => name.startsWith(prefix))) return [];
    return [{ name, closest: closest.setting }];
  });
}

/** How many letters to insert, delete or change (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const edits = [row];
    for (let at = 1; at <= to.length; at++) {
      const changed = above[at - 1]! + (from[row - 1] === to[at - 1] ? 0 : 1);
      edits.push(Math.min(changed, above[at]! + 1, edits[at - 1]! + 1));
    }
    above = edits;
  }
  return above[to.length]!;
}
