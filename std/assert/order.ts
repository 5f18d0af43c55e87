import { AssertionError } from "./assertion_error.ts";
import { ending, show } from "./format.ts";

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) failOrder(actual, ">", expected, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) failOrder(actual, ">=", expected, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) failOrder(actual, "<", expected, msg);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) failOrder(actual, "<=", expected, msg);
}

/**
 * Fails unless the two numbers are at most `tolerance` apart; by default that is a ten millionth of
 * the expected one.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7);
  const apart = Math.abs(expected - actual);
  if (apart <= allowed) return;
  throw new AssertionError(
    `Expected actual: ${actual} to be within ${allowed} of expected: ${expected}, ` +
      `but they are ${apart} apart${ending(msg)}`,
  );
}

function failOrder(
  actual: unknown,
  sign: string,
  expected: unknown,
  msg?: string,
): never {
  throw new AssertionError(msg ?? `Expect ${show(actual)} ${sign} ${show(expected)}`);
}
