import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { ending, show } from "./format.ts";

/** Anything with a length and numbered elements, except a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Fails unless `actual` holds, in any order, an element equal to every one of `expected`. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const held = Array.from(actual);
  const missing = Array.from(expected).filter((element) => {
    return !held.some((other) => equal(element, other));
  });
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} to include: ${show(expected)}${ending(msg)}\n` +
      `Missing: ${show(missing)}`,
  );
}

/** Fails unless `actual` contains the text `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} to contain: ${show(expected)}${ending(msg)}`,
  );
}

/** Fails unless `actual` matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} to match: ${show(expected)}${ending(msg)}`,
  );
}

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any -- any class will do, whatever it is made from
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const kind = kindOf(actual);
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}" but was "${kind}"${ending(msg)}`,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return value.constructor?.name ?? "Object";
}
