/**
 * Writes the documents that are generated from the code; `--check` fails when one is out of date.
 * @module
 */
import { generated } from "./generated.ts";

const check = Deno.args.includes("--check");
for (const [path, text] of Object.entries(await generated())) {
  const url = new URL(path, import.meta.url);
  if (!check) Deno.writeTextFileSync(url, text);
  else if (Deno.readTextFileSync(url) !== text) {
    console.error(`docs/${path} is out of date: run deno task docs`);
    Deno.exit(1);
  }
}
