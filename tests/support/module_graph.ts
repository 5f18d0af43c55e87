/**
 * The module graph of the product by file: imports of values and of types.
 * @module
 */
import { filesBelow } from "./sources.ts";
import { outputOf, ROOT } from "./process.ts";

/** Folders with TypeScript outside the product. */
const NOT_PRODUCT: ReadonlySet<string> = new Set(["dist", "node_modules", "std", "tests"]);

/** One import of a file. */
export interface Import {
  /** A path from the root, or the specifier of a package: `npm:zod@4.6.7`, `node:path`. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

/** The imports of each file of the product, by its path from the root. */
export type ModuleGraph = ReadonlyMap<string, readonly Import[]>;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly type?: { readonly specifier: string };
  }[];
}

/** Reads the graph of every file, reachable from an entry point or not. */
export async function productGraph(): Promise<ModuleGraph> {
  const graph = new Map<string, Import[]>();
  for (const file of await productFiles()) {
    if (graph.has(file)) continue;
    for (const { specifier, dependencies = [] } of await modulesFrom(file)) {
      if (!specifier.startsWith(ROOT.href)) continue;
      graph.set(
        pathOf(specifier),
        dependencies.flatMap(({ code, type }) => {
          const target = (code ?? type)?.specifier;
          if (target === undefined) return [];
          return [{ to: pathOf(target), isTypeOnly: code === undefined }];
        }),
      );
    }
  }
  return graph;
}

/**
 * The files in a circle or between two circles: the rest after removing every file that imports no
 * other or is imported by no other, until none is left.
 */
export function circles(graph: ModuleGraph): string[] {
  const left = new Set(graph.keys());
  let before = Infinity;
  while (left.size < before) {
    before = left.size;
    const imported = new Set<string>();
    for (const file of left) {
      const targets = graph.get(file)!.map(({ to }) => to).filter((to) => left.has(to));
      if (targets.length === 0) left.delete(file);
      for (const target of targets) imported.add(target);
    }
    for (const file of left) if (!imported.has(file)) left.delete(file);
  }
  return [...left].toSorted();
}

async function productFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
    if (name.startsWith(".") || NOT_PRODUCT.has(name)) continue;
    if (isDirectory) files.push(...(await filesBelow(name)).map(([path]) => path));
    else if (name.endsWith(".ts")) files.push(name);
  }
  return files;
}

async function modulesFrom(file: string): Promise<readonly Module[]> {
  const { stdout, success } = await outputOf(Deno.execPath(), {
    args: ["info", "--config=dev.json", "--frozen", "--json", file],
    cwd: ROOT,
    stderr: "null",
  });
  if (!success) throw new Error(`Cannot read the module graph of ${file}`);
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

function pathOf(specifier: string): string {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : specifier;
}
