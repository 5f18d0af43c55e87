/** The simulators depend on the doors' schemas, not on the server's code. */
import { assertEquals } from "@std/assert";
import { filesBelow } from "../support/sources.ts";

const ALLOWED =
  /^(\.\.\/)+(session\/|audio\/|phone\/|starters\/|protocols\/\w+\/(messages|commands|verbs)\.ts$)|^\.{1,2}\/(\w+\/)?\w+\.ts$|^[@a-z]/;

Deno.test("simulators import schemas, verbs and the audio core, and nothing of a session", async () => {
  const faults: string[] = [];
  for (const [path, text] of await filesBelow("simulators")) {
    for (const [, specifier = ""] of text.matchAll(/\bfrom "([^"]+)"/g)) {
      if (!ALLOWED.test(specifier)) faults.push(`${path} imports ${specifier}`);
    }
  }
  assertEquals(faults, []);
});
