/**
 * The packages that the server needs to start, according to Deno.
 * @module
 */
import { assert } from "@std/assert";
import { ModuleInfo, type NeededPackage, neededPackages } from "../../sbom/needed_packages.ts";
import { outputOf, ROOT } from "./process.ts";

/** The npm packages that `main.ts` needs. */
export async function packagesOfServer(): Promise<{
  readonly imported: readonly string[];
  readonly packages: readonly NeededPackage[];
}> {
  const { stdout, stderr, success } = await outputOf(Deno.execPath(), {
    args: ["info", "--frozen", "--json", "main.ts"],
    cwd: ROOT,
  });
  assert(success, new TextDecoder().decode(stderr));
  return neededPackages(ModuleInfo.parse(JSON.parse(new TextDecoder().decode(stdout))));
}
