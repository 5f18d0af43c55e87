import { AssertionError } from "./assertion_error.ts";
import { diff } from "./diff.ts";
import { equal } from "./equal.ts";
import { ending, show } from "./format.ts";

/** Fails unless the two values are the same in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) {
    throw new AssertionError(
      `Values are not equal${ending(msg)}${diff(actual, expected)}`,
    );
  }
}

/** Fails if the two values are the same in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) {
    throw new AssertionError(
      `Expected actual: ${show(actual)} not to be: ${show(expected)}${ending(msg)}`,
    );
  }
}

/** Fails unless the two are one and the same value, as `Object.is` tells. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  if (show(actual) === show(expected)) {
    throw new AssertionError(
      `Values have the same structure but are not reference-equal${ending(msg)}\n\n${
        show(actual)
      }\n`,
    );
  }
  throw new AssertionError(
    `Values are not strictly equal${ending(msg)}${diff(actual, expected)}`,
  );
}
