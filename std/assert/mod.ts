/**
 * A stand-in for `@std/assert`: the assertions this project's tests use, with the signatures and
 * the documented behaviour of the original.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export {
  assertArrayIncludes,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "./contents.ts";
export type { ArrayLikeArg } from "./contents.ts";
export { equal } from "./equal.ts";
export { assertEquals, assertNotEquals, assertStrictEquals } from "./equality.ts";
export { assertIsError, assertRejects, assertThrows } from "./errors.ts";
export { assertObjectMatch } from "./object_match.ts";
export {
  assertAlmostEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
} from "./order.ts";
export { assert, assertExists, assertFalse, fail, unreachable } from "./truth.ts";
export type { Falsy } from "./truth.ts";
