/** What `deno task compile` embeds: Deno follows imports into a binary, and no address of a worker. */
import { assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { productGraph } from "./support/module_graph.ts";
import { ROOT } from "./support/process.ts";

const WORKER = /\bnew Worker\(/g;
const BESIDE = /\bnew Worker\(\s*new URL\("(\.{1,2}\/[^"]+)", import\.meta\.url\)/g;

Deno.test("compile: every thread that the server starts is embedded", async () => {
  const graph = await productGraph();
  const reached = new Set<string>();
  const threads = new Set<string>();
  const faults: string[] = [];
  const visit = async (file: string): Promise<void> => {
    const imports = graph.get(file);
    if (imports === undefined || reached.has(file)) return;
    reached.add(file);
    const code = await Deno.readTextFile(new URL(file, ROOT));
    const found = threadsOf(file, code);
    if (found.length !== (code.match(WORKER)?.length ?? 0)) {
      faults.push(`${file} starts a worker whose file cannot be read from the code`);
    }
    for (const thread of found) {
      threads.add(thread);
      await visit(thread);
    }
    for (const { to, isTypeOnly } of imports) if (!isTypeOnly) await visit(to);
  };
  await visit("main.ts");
  assertEquals(faults, []);
  const included = [...config.tasks.compile.matchAll(/--include (\S+)/g)].map(([, path]) => path!);
  // Apps are found by their names.
  assertEquals(included.toSorted(), ["apps", ...threads].toSorted());
});

Deno.test("compile: the file of a worker is found as the code has it", () => {
  const code = `new Worker(new URL("./b.ts", import.meta.url), { type: "module" });
    new Worker(
      new URL("../c.ts", import.meta.url),
    );`;
  assertEquals(threadsOf("store/sqlite/a.ts", code), ["store/sqlite/b.ts", "store/c.ts"]);
});

/** The files of the workers in some code, from the root. */
function threadsOf(file: string, code: string): string[] {
  return [...code.matchAll(BESIDE)].map(([, path]) =>
    new URL(path!, new URL(file, ROOT)).href.slice(ROOT.href.length)
  );
}
