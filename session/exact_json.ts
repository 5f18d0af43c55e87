/**
 * JSON whose numbers keep every digit, for values that are handed back as they came: a double
 * cannot hold a time in nanoseconds.
 * @see https://github.com/tc39/proposal-json-parse-with-source
 * @module
 */

/** As V8 has it; TypeScript's library has not yet. */
const json = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
};

/**
 * Parses JSON; a number that would be written in another way stays as it was written: an opaque
 * object for `JSON.stringify`.
 * @throws {SyntaxError} as `JSON.parse` does
 */
export function parseExact(text: string): unknown {
  return json.parse(
    text,
    (_key, value, { source }) =>
      typeof value === "number" && String(value) !== source ? json.rawJSON(source) : value,
  );
}
