/**
 * Reads the query parameters of a request. An unknown name is refused: ignoring a misspelt filter
 * would return more than was asked for.
 * @module
 */
import { check } from "./body.ts";
import { Refused } from "./problem.ts";
import type { HttpRoute } from "./route.ts";

/** Carries the API key of clients that cannot set headers. Every route accepts it. */
const KEY = "key";

/**
 * Reads the query parameters of a route; undefined if it has none.
 * @throws {Refused} 400 for a name that is unknown or repeated, 422 for an invalid value
 */
export function readQuery(
  { query, anyQuery = false, method, path }: HttpRoute,
  given: URLSearchParams,
): unknown {
  const own = Object.keys(query?.shape ?? {});
  const known = [...own, KEY];
  const names = [...new Set(given.keys())];
  if (!anyQuery) {
    const unknown = names.filter((name) => !known.includes(name));
    refuse(unknown, `unknown: ${method} ${path} knows ${known.join(", ")}`, { unknown, known });
  }
  const repeated = own.filter((name) => given.getAll(name).length > 1);
  refuse(repeated, "given more than once", { repeated });
  return query === undefined ? undefined : check(query, Object.fromEntries(given), "query");
}

function refuse(
  names: readonly string[],
  why: string,
  members: Readonly<Record<string, readonly string[]>>,
): void {
  if (names.length === 0) return;
  const which = names.length === 1 ? "parameter" : "parameters";
  throw new Refused(400, `Cannot accept the query ${which} ${names.join(", ")}: ${why}`, {
    errors: names.map((field) => ({ field, message: why })),
    members,
  });
}
