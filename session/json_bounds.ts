/**
 * Limits the nesting, the values, the members and the texts of JSON, before it is parsed. `JSON.stringify` fails on
 * values that are nested too deeply, and a value in every two bytes takes too long to parse while other
 * calls wait.
 * @module
 */

/** The limits of JSON. */
export interface JsonBounds {
  /** How deep its objects and lists may be nested. */
  readonly levels: number;
  /** How many values it may contain, in total. */
  readonly values: number;
  /** How many members its objects may have, in all. */
  readonly keys: number;
  /** How long a text or the name of a member may be, in characters as they are written. */
  readonly characters: number;
}

/** More than any peer sends. This depth is far too small to exhaust a stack. */
export const JSON_BOUNDS: JsonBounds = {
  levels: 128,
  values: 20_000,
  keys: 10_000,
  characters: 512 * 1024,
};

/** The limit that a JSON text exceeds; undefined when it may be parsed. */
export function excessOfJson(text: string, bounds: JsonBounds = JSON_BOUNDS): string | undefined {
  if (isPlain(text, bounds)) return undefined;
  let levels = 0;
  let values = 1;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (end - at - 1 > bounds.characters) {
          return `a text of more than ${bounds.characters} characters`;
        }
        at = end;
        break;
      }
      case OPEN_BRACKET:
      case OPEN_BRACE:
        values++;
        if (++levels > bounds.levels) return `nested deeper than ${bounds.levels} levels`;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        levels--;
        break;
      case COLON:
        keys++;
        break;
      case COMMA:
        values++;
    }
    if (values > bounds.values) return `more than ${bounds.values} values`;
    if (keys > bounds.keys) return `more than ${bounds.keys} members`;
  }
  return undefined;
}

/** Whether a text is too short to exceed any limit: a quick check. */
function isPlain(text: string, { levels, values, keys, characters }: JsonBounds): boolean {
  const { length } = text;
  // Each value takes two characters, each member four, and each level a bracket.
  if (length > values * 2 || length > keys * 4 || length > characters) return false;
  return !hasManyBrackets(text, levels);
}

/** Replaces parts of a JSON value that are nested too deeply with null. */
export function cut(value: unknown, levels: number = JSON_BOUNDS.levels): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => cut(item, levels - 1));
  // `fromEntries` keeps `__proto__` a member like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cut(item, levels - 1)]),
  );
}

/** Whether there are more brackets than levels allowed, in strings or not: a quick search. */
function hasManyBrackets(text: string, levels: number): boolean {
  let brackets = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++brackets > levels) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The index of the quote that ends the string at `begin`. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}
