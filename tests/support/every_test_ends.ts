/**
 * Loaded before the tests: gives each test a deadline, even for an endless loop that no timer of
 * its own can stop. Waits have a nearer deadline, `within`, whose error describes them.
 * @module
 */

/** Several times the duration of the longest test on a busy machine. */
const DEADLINE_MS = 300_000;
const timeout = Number(Deno.env.get("TEST_DEADLINE_MS") ?? DEADLINE_MS);

type Run = Deno.TestDefinition["fn"];
type Define = (
  first: string | Run | Deno.TestDefinition,
  second?: Run | Omit<Deno.TestDefinition, "fn" | "name">,
  third?: Run,
) => void;

const define = Deno.test as Define;

/** The same test with a deadline, reported at its source location. */
const ending: Define = (...parts) => {
  const test: Partial<Deno.TestDefinition> = { timeout };
  for (const part of parts) {
    if (typeof part === "string") Object.assign(test, { name: part });
    else Object.assign(test, typeof part === "function" ? { fn: part } : part);
  }
  const { fn, name = fn?.name } = test;
  if (fn === undefined) throw new TypeError("Cannot define a test without its function");
  const located: Run = (context) => fn(context);
  Object.assign(located, { [Symbol.for("Deno.test.location")]: callSite() });
  define({ ...test, name: name!, fn: located });
};

Object.assign(Deno, { test: Object.assign(ending, Deno.test) });

/** The source location of the test, as `file:line:column`. */
function callSite(): string {
  const [, , , line = ""] = new Error().stack!.split("\n");
  return /\(?(\w+:\/\/.+?:\d+:\d+)\)?$/.exec(line)?.[1] ?? "";
}
