/**
 * What `@std/assert` exports, written from its documentation.
 * @see https://jsr.io/@std/assert@1.0.19/doc
 * @module
 */
import type { Class, DocumentedPackage, Members } from "./package.ts";

const absent = [
  "assertNotInstanceOf",
  "assertNotMatch",
  "assertNotStrictEquals",
  "unimplemented",
] as const;

/** Every entry point with the names that it exports. */
export const assertPackage: DocumentedPackage = {
  version: "1.0.19",
  entryPoints: {
    ".": {
      AnyConstructor: "type",
      ArrayLikeArg: "type",
      AssertionError: "class",
      Falsy: "type",
      GetConstructorType: "type",
      assert: "function",
      assertAlmostEquals: "function",
      assertArrayIncludes: "function",
      assertEquals: "function",
      assertExists: "function",
      assertFalse: "function",
      assertGreater: "function",
      assertGreaterOrEqual: "function",
      assertInstanceOf: "function",
      assertIsError: "function",
      assertLess: "function",
      assertLessOrEqual: "function",
      assertMatch: "function",
      assertNotEquals: "function",
      assertNotInstanceOf: "function",
      assertNotMatch: "function",
      assertNotStrictEquals: "function",
      assertObjectMatch: "function",
      assertRejects: "function",
      assertStrictEquals: "function",
      assertStringIncludes: "function",
      assertThrows: "function",
      equal: "function",
      fail: "function",
      unimplemented: "function",
      unreachable: "function",
    },
    "./almost-equals": { assertAlmostEquals: "function" },
    "./array-includes": { ArrayLikeArg: "type", assertArrayIncludes: "function" },
    "./assert": { assert: "function" },
    "./assertion-error": { AssertionError: "class" },
    "./equal": { equal: "function" },
    "./equals": { assertEquals: "function" },
    "./exists": { assertExists: "function" },
    "./fail": { fail: "function" },
    "./false": { Falsy: "type", assertFalse: "function" },
    "./greater": { assertGreater: "function" },
    "./greater-or-equal": { assertGreaterOrEqual: "function" },
    "./instance-of": {
      AnyConstructor: "type",
      GetConstructorType: "type",
      assertInstanceOf: "function",
    },
    "./is-error": { assertIsError: "function" },
    "./less": { assertLess: "function" },
    "./less-or-equal": { assertLessOrEqual: "function" },
    "./match": { assertMatch: "function" },
    "./not-equals": { assertNotEquals: "function" },
    "./not-instance-of": { assertNotInstanceOf: "function" },
    "./not-match": { assertNotMatch: "function" },
    "./not-strict-equals": { assertNotStrictEquals: "function" },
    "./object-match": { assertObjectMatch: "function" },
    "./rejects": { assertRejects: "function" },
    "./strict-equals": { assertStrictEquals: "function" },
    "./string-includes": { assertStringIncludes: "function" },
    "./throws": { assertThrows: "function" },
    "./unimplemented": { unimplemented: "function" },
    "./unreachable": { unreachable: "function" },
    "./unstable-equals": { assertEquals: "function" },
    "./unstable-never": { assertNever: "function" },
    "./unstable-strict-equals": { assertStrictEquals: "function" },
  },
  absent,
};

// deno-lint-ignore no-explicit-any -- that is how the original says "any class"
type AnyClass<E = any> = abstract new (...args: any[]) => E;
type Comparison = <T>(actual: T, expected: T, msg?: string) => void;
type FalsyValue = false | 0 | 0n | "" | null | undefined;

/** The signatures of the stand-in's values. */
export interface AssertValues {
  AssertionError: Class<[message: string, options?: ErrorOptions], Members<Error>>;
  assert: (expr: unknown, msg?: string) => asserts expr;
  assertAlmostEquals: (actual: number, expected: number, tolerance?: number, msg?: string) => void;
  assertArrayIncludes: <T>(
    actual: ArrayLike<T> & object,
    expected: ArrayLike<T> & object,
    msg?: string,
  ) => void;
  assertEquals: Comparison;
  assertExists: <T>(actual: T, msg?: string) => asserts actual is NonNullable<T>;
  assertFalse: (expr: unknown, msg?: string) => asserts expr is FalsyValue;
  assertGreater: Comparison;
  assertGreaterOrEqual: Comparison;
  assertInstanceOf: <T extends AnyClass>(
    actual: unknown,
    expectedType: T,
    msg?: string,
  ) => asserts actual is InstanceType<T>;
  assertIsError: <E extends Error = Error>(
    error: unknown,
    ErrorClass?: AnyClass<E>,
    msgMatches?: string | RegExp,
    msg?: string,
  ) => asserts error is E;
  assertLess: Comparison;
  assertLessOrEqual: Comparison;
  assertMatch: (actual: string, expected: RegExp, msg?: string) => void;
  assertNotEquals: Comparison;
  assertObjectMatch: (
    // deno-lint-ignore no-explicit-any -- as in the original
    actual: Record<PropertyKey, any>,
    expected: Record<PropertyKey, unknown>,
    msg?: string,
  ) => void;
  assertRejects: {
    (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
    <E extends Error = Error>(
      fn: () => PromiseLike<unknown>,
      ErrorClass: AnyClass<E>,
      msgIncludes?: string,
      msg?: string,
    ): Promise<E>;
  };
  assertStrictEquals: <T>(actual: unknown, expected: T, msg?: string) => asserts actual is T;
  assertStringIncludes: (actual: string, expected: string, msg?: string) => void;
  assertThrows: {
    (fn: () => unknown, msg?: string): unknown;
    <E extends Error = Error>(
      fn: () => unknown,
      ErrorClass: AnyClass<E>,
      msgIncludes?: string,
      msg?: string,
    ): E;
  };
  equal: (a: unknown, b: unknown) => boolean;
  fail: (msg?: string) => never;
  unreachable: (msg?: string) => never;
}

/** The types of the stand-in. */
export interface AssertTypes {
  ArrayLikeArg: ArrayLike<string> & object;
  Falsy: FalsyValue;
}

/** Values of the original that the stand-in does not have. */
export type AssertAbsent = typeof absent[number];
