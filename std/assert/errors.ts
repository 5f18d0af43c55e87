import { AssertionError } from "./assertion_error.ts";
import { ending } from "./format.ts";

// deno-lint-ignore no-explicit-any -- any class will do, whatever it is made from
type ErrorType<E extends Error> = abstract new (...args: any[]) => E;

/** Fails unless `error` is an error, of the class and with the message asked for. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  // deno-lint-ignore no-explicit-any -- as above
  ErrorClass?: abstract new (...args: any[]) => E,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(
      `Expected "error" to be an Error object${ending(msg)}`,
    );
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor.name}"${
        ending(msg)
      }`,
    );
  }
  if (msgMatches === undefined || matches(error.message, msgMatches)) return;
  const wanted = typeof msgMatches === "string" ? JSON.stringify(msgMatches) : msgMatches;
  throw new AssertionError(
    `Expected error message to include ${wanted}, but got ${JSON.stringify(error.message)}${
      ending(msg)
    }`,
  );
}

/** Fails unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless `fn` throws an error of the class asked for; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any -- as above
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ErrorType<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const wanted = expectation(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    return checked(error, "thrown", wanted);
  }
  throw new AssertionError(`Expected function to throw${ending(wanted.msg)}`);
}

/** Fails unless the promise of `fn` rejects; resolves with what it rejected with. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Fails unless the promise of `fn` rejects with an error of the class; resolves with the error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- as above
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorType<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const wanted = expectation(classOrMsg, msgIncludes, msg);
  const promise = promiseOf(fn, wanted.msg);
  try {
    await promise;
  } catch (error) {
    return checked(error, "rejected", wanted);
  }
  throw new AssertionError(`Expected function to reject${ending(wanted.msg)}`);
}

interface Expectation<E extends Error> {
  ErrorClass: ErrorType<E> | undefined;
  msgIncludes: string | undefined;
  msg: string | undefined;
}

function expectation<E extends Error>(
  classOrMsg: ErrorType<E> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation<E> {
  if (typeof classOrMsg === "string") {
    return { ErrorClass: undefined, msgIncludes: undefined, msg: classOrMsg };
  }
  return { ErrorClass: classOrMsg, msgIncludes, msg };
}

function checked<E extends Error>(
  error: unknown,
  how: string,
  wanted: Expectation<E>,
): unknown {
  if (!wanted.ErrorClass) return error;
  if (!(error instanceof Error)) {
    throw new AssertionError(
      `A non-Error object was ${how}${ending(wanted.msg)}`,
    );
  }
  assertIsError(error, wanted.ErrorClass, wanted.msgIncludes, wanted.msg);
  return error;
}

/** A function that throws synchronously, or returns no promise, has not rejected. */
function promiseOf(
  fn: () => PromiseLike<unknown>,
  msg: string | undefined,
): PromiseLike<unknown> {
  const message = `Function throws when expected to reject${ending(msg)}`;
  let returned: PromiseLike<unknown>;
  try {
    returned = fn();
  } catch {
    throw new AssertionError(message);
  }
  if (
    typeof returned !== "object" || returned === null ||
    typeof returned.then !== "function"
  ) {
    throw new AssertionError(message);
  }
  return returned;
}

function matches(message: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? message.includes(wanted) : wanted.test(message);
}
