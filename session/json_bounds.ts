/**
 * Limits the nesting and the values of JSON, before it is parsed. `JSON.stringify` fails on what is
 * nested too deeply, and a value in every two bytes takes longer to parse than other calls can
 * wait.
 * @module
 */

/** More than any peer nests, and far too few to exhaust a stack. */
const MOST_LEVELS = 128;

/** What a JSON text has too much of; undefined when it may be parsed. */
export function excessOfJson(text: string, mostValues: number = Infinity): string | undefined {
  // Each value takes two characters, and each level a bracket.
  if (text.length <= mostValues * 2 && !hasManyBrackets(text)) return undefined;
  let levels = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        values++;
        if (++levels > MOST_LEVELS) return `nested deeper than ${MOST_LEVELS} levels`;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        levels--;
        break;
      case COMMA:
        values++;
    }
    if (values > mostValues) return `more than ${mostValues} values`;
  }
  return undefined;
}

/** Replaces what is nested too deeply in a JSON value by null. */
export function cut(value: unknown, levels: number = MOST_LEVELS): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => cut(item, levels - 1));
  // `fromEntries` keeps `__proto__` a member like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cut(item, levels - 1)]),
  );
}

/** Whether there are more brackets than levels allowed, in strings or not: a quick search. */
function hasManyBrackets(text: string): boolean {
  let brackets = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++brackets > MOST_LEVELS) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
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
