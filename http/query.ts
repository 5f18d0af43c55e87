/**
 * The query parameters of a request over HTTP. An unknown name is refused: without its misspelt filter
 * a request would be answered with more than was asked for.
 * @module
 */
import { check } from "./body.ts";
import { Refused } from "./problem.ts";
import type { HttpRoute } from "./route.ts";

/** Carries the API key of those who can set no header, on every route that asks for one. */
const KEY = "key";

/**
 * Reads the query parameters that a route takes; undefined where it takes none.
 * @throws {Refused} 400 for a name that the route does not know, or one that is given twice; 422 for
 * a value that does not fit
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
  throw new Refused(400, `Cannot take the query ${which} ${names.join(", ")}: ${why}`, {
    errors: names.map((field) => ({ field, message: why })),
    members,
  });
}
