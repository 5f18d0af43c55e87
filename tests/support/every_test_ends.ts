/**
 * Loaded before the tests: gives each of them a time in which it must end, also where it spins and
 * no timer of its own could stop it. What waits for something has a nearer deadline: `within`,
 * which says what it has waited for.
 * @module
 */

/** Several times what the longest test takes on a machine that is busy. */
const timeout = 300_000;

type Define = (
  nameOrTest: string | Deno.TestDefinition,
  optionsOrRun?: Omit<Deno.TestDefinition, "fn" | "name"> | Deno.TestDefinition["fn"],
  run?: Deno.TestDefinition["fn"],
) => void;

const define = Deno.test as Define;

/** The same test, with a time in which it must end, and reported where it is written. */
const ending: Define = (nameOrTest, optionsOrRun, run) => {
  const test: Partial<Deno.TestDefinition> = {
    timeout,
    ...(typeof nameOrTest === "string" ? { name: nameOrTest } : nameOrTest),
    ...(typeof optionsOrRun === "function" ? { fn: optionsOrRun } : optionsOrRun),
    ...(run === undefined ? {} : { fn: run }),
  };
  const { fn } = test;
  if (fn === undefined) throw new TypeError("Cannot define a test without its function");
  const located: Deno.TestDefinition["fn"] = (context) => fn(context);
  Object.assign(located, { [Symbol.for("Deno.test.location")]: callSite() });
  define({ ...test, name: test.name ?? fn.name, fn: located });
};

Object.assign(Deno, { test: Object.assign(ending, Deno.test) });

/** Where the test is written, as `file:line:column`. */
function callSite(): string {
  const [, , , line = ""] = new Error().stack!.split("\n");
  return /\(?(\w+:\/\/.+?:\d+:\d+)\)?$/.exec(line)?.[1] ?? "";
}
