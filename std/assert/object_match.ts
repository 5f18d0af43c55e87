import { AssertionError } from "./assertion_error.ts";
import { diff } from "./diff.ts";
import { equal } from "./equal.ts";
import { ending } from "./format.ts";

/**
 * Fails unless `actual` has everything that `expected` has: the keys of objects, the first elements
 * of arrays, the entries of maps, and the members of sets. It may have more.
 */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- interfaces without an index signature must fit
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  for (const argument of [actual, expected]) {
    if (isObject(argument)) continue;
    const kind = argument === null ? "null" : typeof argument;
    throw new TypeError(
      `Cannot run assertObjectMatch: it takes two objects, but got ${kind}`,
    );
  }
  if (!has(actual, expected, new Map())) {
    const part = sharedPart(actual, expected, new Map());
    throw new AssertionError(
      `Values are not equal${ending(msg)}${diff(part, expected)}`,
    );
  }
}

function has(
  actual: unknown,
  expected: unknown,
  open: Map<object, unknown>,
): boolean {
  if (!isContainer(expected) || !isObject(actual)) {
    return equal(actual, expected);
  }
  if (open.get(expected) === actual) return true;
  open.set(expected, actual);
  if (expected instanceof Set) {
    return actual instanceof Set && expected.isSubsetOf(actual);
  }
  if (expected instanceof Map) {
    return actual instanceof Map &&
      Array.from(expected).every(([key, value]) => {
        return actual.has(key) && has(actual.get(key), value, open);
      });
  }
  if (
    Array.isArray(expected) !== Array.isArray(actual) || !isContainer(actual)
  ) return false;
  return keysOf(expected).every((key) => {
    return Object.hasOwn(actual, key) &&
      has(Reflect.get(actual, key), Reflect.get(expected, key), open);
  });
}

/** The compared part of `actual`, for the message. */
function sharedPart(
  actual: unknown,
  expected: unknown,
  made: Map<object, unknown>,
): unknown {
  if (!isContainer(expected) || !isContainer(actual)) return actual;
  if (made.has(actual)) return made.get(actual);
  if (expected instanceof Set || actual instanceof Set) return actual;
  if (expected instanceof Map || actual instanceof Map) return actual;
  const part: object = Array.isArray(actual) ? [] : {};
  made.set(actual, part);
  for (const key of keysOf(actual)) {
    if (!Object.hasOwn(expected, key)) continue;
    const value = sharedPart(
      Reflect.get(actual, key),
      Reflect.get(expected, key),
      made,
    );
    Object.defineProperty(part, key, {
      value,
      enumerable: true,
      configurable: true,
    });
  }
  return part;
}

/** The keys of an array without its length. */
function keysOf(value: object): PropertyKey[] {
  const keys = Reflect.ownKeys(value);
  return Array.isArray(value) ? keys.filter((key) => key !== "length") : keys;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Other objects, such as dates, patterns and buffers, are compared as a whole. */
function isContainer(value: unknown): value is object {
  if (!isObject(value) || ArrayBuffer.isView(value)) return false;
  return ![Date, RegExp, URL, ArrayBuffer, WeakRef, WeakMap, WeakSet, Promise]
    .some((Whole) => {
      return value instanceof Whole;
    });
}
