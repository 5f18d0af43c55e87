/** The simulators stand on what the doors say, never on how the server says it. */
import { assertEquals } from "@std/assert";

const ALLOWED =
  /^\.\.\/(session\/|audio\/|phone\/|starters\/|protocols\/\w+\/(messages|commands|verbs)\.ts$)|^\.\/|^[@a-z]/;

Deno.test("simulators import schemas, verbs and the audio core, and nothing of a session", async () => {
  const folder = new URL("../simulators/", import.meta.url);
  const faults: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    for (const [, specifier = ""] of text.matchAll(/\bfrom "([^"]+)"/g)) {
      if (!ALLOWED.test(specifier)) faults.push(`${name} imports ${specifier}`);
    }
  }
  assertEquals(faults, []);
});
