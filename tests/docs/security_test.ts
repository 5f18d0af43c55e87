/** docs/security.md names tests that exist, and its statements about the sources are true. */
import { assert, assertEquals } from "@std/assert";
import { filesBelow } from "../support/sources.ts";
import { argsOf } from "../support/tasks.ts";
import { ROOT } from "../support/process.ts";

const DOCUMENT = await Deno.readTextFile(new URL("docs/security.md", ROOT));
/** A test by its name, with a link to its file. */
const NAMED = /\[((?:[^[\]\\]|\\.)+)\]\(\.\.\/(tests\/[\w/]+_test\.ts)\)/g;

Deno.test("security: every test that the document names exists", async () => {
  const named = namedIn(DOCUMENT);
  assert(named.length > 30, `${named.length} are named`);
  assertEquals(await missing(named), []);
});

Deno.test("security: a missing test is detected", async () => {
  const line = "| x | [no such test](../tests/docs/security_test.ts), " +
    "[security: a missing test is detected](../tests/docs/security_test.ts) |";
  const absent = "[lost](../tests/docs/none_test.ts)";
  assertEquals(await missing(namedIn(`${line}\n${absent}`)), [
    "tests/docs/security_test.ts: no such test",
    "tests/docs/none_test.ts: lost",
  ]);
});

Deno.test("security: no test is listed as missing that exists", async () => {
  const promised = [...DOCUMENT.matchAll(/TODO\(lead\) "([^"]+)" in (tests\/[\w/]+_test\.ts)/g)]
    .map(([, name = "", path = ""]) => ({ name, path }));
  const absent = new Set(await missing(promised));
  assertEquals(promised.filter(({ name, path }) => !absent.has(`${path}: ${name}`)), []);
});

Deno.test("security: each line of the cheat sheet and of ASVS V4.4 has a test", () => {
  const tables = DOCUMENT.slice(
    DOCUMENT.indexOf("## OWASP"),
    DOCUMENT.indexOf("## Packages"),
  );
  const rows = tables.split("\n").filter((line) => /^\| (?!the cheat|#|-|\*\*)/.test(line));
  assert(rows.length >= 35, `${rows.length} rows`);
  const without = rows.filter((row) => !/_test\.ts/.test(row) && !/\| not used/.test(row));
  assertEquals(without, []);
});

Deno.test("security: no product source evaluates text as code", async () => {
  const code = /\beval\s*\(|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*["'`]/;
  const faults: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
    if (!isDirectory || name.startsWith(".") || ["tests", "node_modules"].includes(name)) continue;
    for (const [path, text] of await filesBelow(name)) if (code.test(text)) faults.push(path);
  }
  assertEquals(faults, []);
  for (const bad of ["eval ('1')", "new Function('1')", `set${"Timeout"}("x()", 1)`]) {
    assert(code.test(bad), bad);
  }
  assert(!code.test("retrieval()"));
});

Deno.test("security: the start task may not run programs", () => {
  const flags = argsOf("start").filter((word) => /^-(?:A$|-allow)/.test(word));
  assertEquals(flags.map((flag) => flag.replace(/=.*/, "")).toSorted(), [
    "--allow-env",
    "--allow-net",
    "--allow-read",
    "--allow-sys",
    "--allow-write",
  ]);
});

interface NamedTest {
  readonly name: string;
  readonly path: string;
}

function namedIn(text: string): NamedTest[] {
  return [...text.matchAll(NAMED)].map(([, name = "", path = ""]) => ({
    name: name.replaceAll("\\`", "`"),
    path,
  }));
}

async function missing(named: readonly NamedTest[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, path } of named) {
    const text = await Deno.readTextFile(new URL(path, ROOT)).catch(() => "");
    const quoted = ['"', "`"].some((quote) => text.includes(`${quote}${name}${quote}`));
    if (!quoted) faults.push(`${path}: ${name}`);
  }
  return faults;
}
