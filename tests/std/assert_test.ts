import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "@std/assert";

// The tests catch failures themselves: assertThrows() is under test too.
function failureOf(assertion: () => unknown): AssertionError {
  try {
    assertion();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("the assertion did not fail");
}

Deno.test("AssertionError is an error with a name and a cause", () => {
  const cause = new Error("why");
  const error = new AssertionError("what", { cause });
  if (!(error instanceof Error)) throw new Error("it is no error");
  assertEquals([error.name, error.message], ["AssertionError", "what"]);
  assertStrictEquals(error.cause, cause);
});

Deno.test("assert() fails for falsy values and narrows the type", () => {
  const value: string | undefined = ["text"].at(0);
  assert(value);
  assertEquals(value.length, 4);
  for (const falsy of [false, 0, 0n, "", null, undefined, NaN]) failureOf(() => assert(falsy));
  assertEquals(failureOf(() => assert(false, "own words")).message, "own words");
});

Deno.test("assertFalse() fails for truthy values", () => {
  for (const falsy of [false, 0, 0n, "", null, undefined]) assertFalse(falsy);
  for (const truthy of [true, 1, "0", {}, []]) failureOf(() => assertFalse(truthy));
});

Deno.test("assertExists() fails for null and undefined only", () => {
  for (const value of [0, "", false, NaN, {}]) assertExists(value);
  failureOf(() => assertExists(null));
  failureOf(() => assertExists(undefined));
});

Deno.test("fail() and unreachable() fail with the given message", () => {
  assertStringIncludes(failureOf(() => fail("own words")).message, "own words");
  assertStringIncludes(failureOf(() => unreachable("own words")).message, "own words");
});

Deno.test("assertEquals() shows both values and the given message", () => {
  const { message } = failureOf(() => {
    assertEquals({ same: 1, left: "a" }, { same: 1, left: "b" }, "own words");
  });
  for (const part of ["Values are not equal", "own words", "same: 1", '"a"', '"b"']) {
    assertStringIncludes(message, part);
  }
});

Deno.test("assertEquals() shows the line in which long values differ", () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}`);
  const other = lines.with(150, "another");
  const { message } = failureOf(() => assertEquals(lines, other));
  for (const line of ["line 150", "another"]) assertStringIncludes(message, line);
});

Deno.test("assertNotEquals() fails for equal values", () => {
  assertNotEquals([1, 2], [2, 1]);
  failureOf(() => assertNotEquals([1, 2], [1, 2]));
});

Deno.test("assertStrictEquals() compares as Object.is does", () => {
  const object = {};
  assertStrictEquals(object, object);
  assertStrictEquals(NaN, NaN);
  failureOf(() => assertStrictEquals({}, {}));
  failureOf(() => assertStrictEquals(0, -0));
  failureOf(() => assertStrictEquals<unknown>(1, "1"));
});

Deno.test("equal() treats 0 and -0 alike, and NaN as equal to itself", () => {
  assert(equal([0, NaN], [-0, NaN]));
  assert(equal(new Float64Array([0, NaN]), new Float64Array([-0, NaN])));
  assertFalse(equal(1, "1"));
  assertFalse(equal(1, 1n));
  assertFalse(equal(null, undefined));
});

Deno.test("equal() distinguishes a missing key from an undefined one", () => {
  assertFalse(equal({ a: undefined }, {}));
  assertFalse(equal({ a: undefined }, { b: undefined }));
  assertFalse(equal(new Array(1), [undefined]));
  assert(equal({ a: undefined, b: 1 }, { b: 1, a: undefined }));
});

Deno.test("equal() compares symbol keys", () => {
  const key = Symbol("key");
  assert(equal({ [key]: 1 }, { [key]: 1 }));
  assertFalse(equal({ [key]: 1 }, { [key]: 2 }));
  assertFalse(equal({ [Symbol("key")]: 1 }, { [Symbol("key")]: 1 }));
});

Deno.test("equal() compares maps and sets in any order and in depth", () => {
  assert(equal(new Set([1, { a: [2] }]), new Set([{ a: [2] }, 1])));
  assertFalse(equal(new Set([{ a: 1 }]), new Set([{ a: 2 }])));
  assertFalse(equal(new Set([1, 2]), new Set([1, 3])));
  assert(
    equal(
      new Map<unknown, unknown>([["k", [1]], [{}, 2]]),
      new Map<unknown, unknown>([[{}, 2], ["k", [1]]]),
    ),
  );
  assertFalse(equal(new Map([["k", undefined]]), new Map([["l", undefined]])));
  assertFalse(equal(new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 2]])));
});

Deno.test("equal() compares dates, patterns, addresses and bytes by their content", () => {
  assert(equal(new Date(5), new Date(5)));
  assert(equal(new Date(NaN), new Date(NaN)));
  assertFalse(equal(new Date(5), new Date(6)));
  assert(equal(new Date(5), new class extends Date {}(5)));
  const bytes = new Uint8Array([1, 2, 1]).buffer;
  assertFalse(equal(new DataView(bytes, 0, 1), new DataView(bytes, 2, 1)));
  assert(equal(/a/g, /a/g));
  assertFalse(equal(/a/g, /a/i));
  assert(equal(new URL("https://a.test"), new URL("https://a.test/")));
  assertFalse(equal(new URL("https://a.test"), new URL("https://b.test")));
  assert(equal(new URLSearchParams("a=1"), new URLSearchParams("a=1")));
  assertFalse(equal(new URLSearchParams("a=1"), new URLSearchParams("a=2")));
  assert(equal(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assertFalse(equal(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
  assertFalse(equal(new Uint8Array([1]), new Uint8Array([1, 0])));
  assertFalse(equal(new Uint8Array([1]), new Int8Array([1])));
  assert(equal(new Uint8Array([1]).buffer, new Uint8Array([1]).buffer));
  assertFalse(equal(new Uint8Array([1]).buffer, new Uint8Array([2]).buffer));
});

Deno.test("equal() compares the targets of weak references, and refuses weak collections", () => {
  assert(equal(new WeakRef({ a: 1 }), new WeakRef({ a: 1 })));
  assertFalse(equal(new WeakRef({ a: 1 }), new WeakRef({ a: 2 })));
  assertThrows(() => equal(new WeakMap(), new WeakMap()), TypeError);
  assertThrows(() => equal(new WeakSet(), new WeakSet()), TypeError);
});

Deno.test("equal() follows cycles", () => {
  const cycle = (end: number) => {
    const object: Record<string, unknown> = { end };
    object["self"] = object;
    return object;
  };
  assert(equal(cycle(1), cycle(1)));
  assertFalse(equal(cycle(1), cycle(2)));
});

Deno.test("equal() distinguishes instances of different classes", () => {
  class A {
    value = 1;
  }
  class B {
    value = 1;
  }
  assert(equal(new A(), new A()));
  assertFalse(equal(new A(), new B()));
  assertFalse(equal(new A(), { value: 1 }));
  assertFalse(equal(new A(), { value: 1, constructor: A }));
  assertFalse(equal([], {}));
});

Deno.test("equal() compares the values of class accessors", () => {
  class Hidden {
    readonly #value: number;
    constructor(value: number) {
      this.#value = value;
    }
    get value(): number {
      return this.#value;
    }
  }
  assert(equal(new Hidden(1), new Hidden(1)));
  assertFalse(equal(new Hidden(1), new Hidden(2)));
});

Deno.test("equal() compares the messages of errors", () => {
  const same = new Error("a");
  assert(equal(same, same));
  assertFalse(equal(new Error("a"), new Error("b")));
  assertFalse(equal(new Error("a"), new TypeError("a")));
});

Deno.test("assertGreater() and its variants compare like the operators", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess("a", "b");
  assertLessOrEqual(1n, 1n);
  failureOf(() => assertGreater(1, 1));
  failureOf(() => assertGreaterOrEqual(1, 2));
  failureOf(() => assertLess(1, 1));
  failureOf(() => assertLessOrEqual(2, 1));
  failureOf(() => assertLess(NaN, 1));
  assertEquals(failureOf(() => assertLess(2, 1, "own words")).message, "own words");
});

Deno.test("assertAlmostEquals() allows for a tolerance", () => {
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(NaN, NaN);
  assertAlmostEquals(100, 101, 1);
  failureOf(() => assertAlmostEquals(1, 1.001));
  failureOf(() => assertAlmostEquals(100, 101.5, 1));
});

Deno.test("assertArrayIncludes() finds equal elements in any order", () => {
  assertArrayIncludes([1, { a: 1 }, 3], [{ a: 1 }, 1]);
  assertArrayIncludes([1], []);
  failureOf(() => assertArrayIncludes([1, 2], [3]));
});

Deno.test("assertStringIncludes() and assertMatch() search a text", () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /^a.c$/);
  failureOf(() => assertStringIncludes("abc", "d"));
  failureOf(() => assertMatch("abc", /d/));
});

Deno.test("assertInstanceOf() narrows the type to the class", () => {
  const value: unknown = new Date(7);
  assertInstanceOf(value, Date);
  assertEquals(value.getTime(), 7);
  for (const other of [{}, null, undefined, 1, "text"]) {
    failureOf(() => assertInstanceOf(other, Date));
  }
});

Deno.test("assertIsError() checks class and message", () => {
  const error: unknown = new TypeError("the whole message");
  assertIsError(error, TypeError, "whole");
  assertIsError(error, Error, /^the/);
  assertEquals(error.message, "the whole message");
  assertEquals("cause" in failureOf(() => assertIsError("text")), false);
  failureOf(() => assertIsError(error, RangeError));
  failureOf(() => assertIsError(error, TypeError, "other"));
  failureOf(() => assertIsError(error, TypeError, /other/));
});

Deno.test("assertThrows() returns the error that was thrown", () => {
  const thrown = new RangeError("too far");
  const error: RangeError = assertThrows(
    () => {
      throw thrown;
    },
    RangeError,
    "far",
  );
  assertStrictEquals(error, thrown);
});

Deno.test("assertThrows() accepts any thrown value if no class is given", () => {
  const value: unknown = assertThrows(() => {
    throw "text";
  });
  assertEquals(value, "text");
});

Deno.test("assertThrows() fails if nothing, or the wrong thing, is thrown", () => {
  const { message } = failureOf(() => assertThrows(() => {}, "own words"));
  assertStringIncludes(message, "own words");
  failureOf(() => assertThrows(() => {}, Error));
  const throwing = (value: unknown) => () => {
    throw value;
  };
  failureOf(() => assertThrows(throwing("text"), Error));
  failureOf(() => assertThrows(throwing(new Error("a")), TypeError));
  failureOf(() => assertThrows(throwing(new Error("a")), Error, "b"));
});

Deno.test("assertRejects() resolves with the error", async () => {
  const rejected = new RangeError("too far");
  const error: RangeError = await assertRejects(
    () => Promise.reject(rejected),
    RangeError,
    "far",
  );
  assertStrictEquals(error, rejected);
  assertEquals(await assertRejects(() => Promise.reject("text")), "text");
});

Deno.test("assertRejects() takes an error thrown by an asynchronous function", async () => {
  await assertRejects(
    async () => {
      await Promise.resolve();
      throw new TypeError("later");
    },
    TypeError,
    "later",
  );
});

Deno.test("assertRejects() fails if nothing, or the wrong thing, is rejected", async () => {
  const failing: (() => Promise<unknown>)[] = [
    () => assertRejects(() => Promise.resolve(1)),
    () => assertRejects(() => Promise.resolve(1), Error),
    () => assertRejects(() => Promise.reject("text"), Error),
    () => assertRejects(() => Promise.reject(new Error("a")), TypeError),
    () => assertRejects(() => Promise.reject(new Error("a")), Error, "b"),
  ];
  for (const assertion of failing) await assertRejects(assertion, AssertionError);
});

Deno.test("assertRejects() fails if the function throws synchronously", async () => {
  await assertRejects(
    () =>
      assertRejects(() => {
        throw new Error("at once");
      }),
    AssertionError,
  );
});

Deno.test("assertObjectMatch() compares only the expected members", () => {
  const actual = { a: 1, b: { c: [1, 2, 3], d: null }, e: new Set([1, 2]), f: new Map([["g", 1]]) };
  assertObjectMatch(actual, { a: 1 });
  assertObjectMatch(actual, { b: { c: [1, 2] } });
  assertObjectMatch(actual, { b: { d: null }, e: new Set([2]), f: new Map([["g", 1]]) });
  failureOf(() => assertObjectMatch(actual, { a: 2 }));
  failureOf(() => assertObjectMatch(actual, { z: undefined }));
  failureOf(() => assertObjectMatch(actual, { b: { c: [2] } }));
  failureOf(() => assertObjectMatch(actual, { b: { d: { e: 1 } } }));
  failureOf(() => assertObjectMatch(actual, { e: new Set([3]) }));
  failureOf(() => assertObjectMatch({ e: new Set([{ a: 1 }]) }, { e: new Set([{ a: 1 }]) }));
  failureOf(() => assertObjectMatch(actual, { f: new Map([["g", 2]]) }));
});

Deno.test("assertObjectMatch() accepts interfaces, instances and cycles", () => {
  interface Named {
    name: string;
    self?: Named;
  }
  const named: Named = { name: "a" };
  named.self = named;
  assertObjectMatch(named, { self: { self: { name: "a" } } });
  failureOf(() => assertObjectMatch(named, { self: { self: { name: "b" } } }));
  class Point {
    x = 1;
    y = 2;
  }
  assertObjectMatch({ at: new Point() }, { at: { x: 1 } });
});

Deno.test("assertObjectMatch() compares dates, patterns and bytes as a whole", () => {
  const actual = { pattern: /a/g, bytes: new Uint8Array([1, 2]) };
  assertObjectMatch(actual, { pattern: /a/g, bytes: new Uint8Array([1, 2]) });
  failureOf(() => assertObjectMatch(actual, { pattern: /a/i }));
});
