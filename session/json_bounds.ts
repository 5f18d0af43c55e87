/**
 * How large JSON may be beside its bytes. It is counted before it is parsed: what is nested too
 * deeply can be parsed, and later be written by nobody, and a value for every two bytes takes longer
 * to read than the calls beside it can wait.
 * @module
 */

/** More than anybody nests, and far less than exhausts the stack of what walks it. */
const MOST_LEVELS = 128;

/** What there is too much of in a JSON text; undefined where it may be parsed, be it JSON or not. */
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

/** A JSON value without what is nested too deeply in it: null is there instead. */
export function cut(value: unknown, levels: number = MOST_LEVELS): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => cut(item, levels - 1));
  // Entries keep `__proto__` a member like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cut(item, levels - 1)]),
  );
}

/** Whether there are more brackets than levels may be, in strings or not: two searches are soon made. */
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

/** The place of the quote that ends the string which begins here. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}
