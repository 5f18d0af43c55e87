/**
 * Parses JSON without losing digits, for values that are returned unchanged: a double cannot hold a
 * time in nanoseconds.
 * @see https://github.com/tc39/proposal-json-parse-with-source
 * @module
 */

/** V8 has these; TypeScript's library does not yet. */
const json = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
};

/**
 * Parses JSON. A number that a double would change becomes an opaque object, which `JSON.stringify`
 * writes as it came.
 * @throws {SyntaxError} as `JSON.parse` does
 */
export function parseExact(text: string): unknown {
  return json.parse(
    text,
    (_key, value, { source }) =>
      typeof value === "number" && String(value) !== source ? json.rawJSON(source) : value,
  );
}
