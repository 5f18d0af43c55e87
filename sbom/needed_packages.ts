/**
 * The npm packages that a program needs: its imports, and their dependencies.
 * @module
 */
import { z } from "zod";

/** The part of `deno info --json` about npm packages. */
export const ModuleInfo = z.object({
  modules: z.array(z.object({ npmPackage: z.string().optional() })),
  npmPackages: z.record(
    z.string(),
    z.object({
      name: z.string(),
      version: z.string(),
      dependencies: z.array(z.string()),
      localPath: z.string(),
    }),
  ),
});
/** The output of `deno info --json` for a program. */
export type ModuleInfo = z.output<typeof ModuleInfo>;

/** A package that is needed. */
export interface NeededPackage {
  /** Its name and version, and those of its peers: its key in `deno.lock`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The ids of the packages that it needs itself. */
  readonly dependencies: readonly string[];
  /** The folder of its files in Deno's cache. */
  readonly folder: string;
}

/**
 * The packages that are needed, by their ids in alphabetical order. `imported` are those that the
 * program itself names.
 * @throws {Error} when a package is named and not described
 */
export function neededPackages(
  { modules, npmPackages }: ModuleInfo,
): { imported: readonly string[]; packages: readonly NeededPackage[] } {
  const imported = new Set(modules.flatMap(({ npmPackage }) => npmPackage ?? []));
  const needed = new Map<string, NeededPackage>();
  const add = (id: string): void => {
    if (needed.has(id)) return;
    const found = npmPackages[id];
    if (found === undefined) throw new Error(`Cannot list the package ${id}: it is not described`);
    const { localPath: folder, ...rest } = found;
    needed.set(id, { id, ...rest, folder });
    for (const dependency of found.dependencies) add(dependency);
  };
  for (const id of imported) add(id);
  return {
    imported: [...imported].toSorted(),
    packages: [...needed.values()].toSorted((a, b) => a.id < b.id ? -1 : 1),
  };
}
