/**
 * Loaded before the tests: gives each of them a time in which it must end, also where it spins and
 * no timer of its own could stop it. What waits for something has a nearer deadline: `within`,
 * which says what it has waited for.
 * @module
 */

/** Several times what the longest test takes on a machine that is busy. */
const DEADLINE_MS = 300_000;
const timeout = Number(Deno.env.get("TEST_DEADLINE_MS") ?? DEADLINE_MS);

type Run = Deno.TestDefinition["fn"];
type Define = (
  first: string | Run | Deno.TestDefinition,
  second?: Run | Omit<Deno.TestDefinition, "fn" | "name">,
  third?: Run,
) => void;

const define = Deno.test as Define;

/** The same test, with a time in which it must end, and reported where it is written. */
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

/** Where the test is written, as `file:line:column`. */
function callSite(): string {
  const [, , , line = ""] = new Error().stack!.split("\n");
  return /\(?(\w+:\/\/.+?:\d+:\d+)\)?$/.exec(line)?.[1] ?? "";
}
