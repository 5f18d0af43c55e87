/**
 * Prints the server's packages, as CycloneDX 1.6: `deno task sbom`. It reads the answer of
 * `deno info --json main.ts` from its input.
 * @module
 */
import { z } from "zod";
import { bill } from "./bill.ts";
import { ModuleInfo, type NeededPackage, neededPackages } from "./needed_packages.ts";

const Lock = z.object({ npm: z.record(z.string(), z.object({ integrity: z.string() })) });
const Package = z.object({
  // npm's old form had an object.
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
    .optional(),
});

const info = ModuleInfo.parse(await new Response(Deno.stdin.readable).json());
const lock = Lock.parse(
  JSON.parse(await Deno.readTextFile(new URL("../deno.lock", import.meta.url))),
);
const document = bill({
  ...neededPackages(info),
  provenanceOf,
  denoVersion: Deno.version.deno,
  at: new Date(),
  serial: crypto.randomUUID(),
});
console.log(JSON.stringify(document, null, 2));

function provenanceOf({ id, folder }: NeededPackage) {
  const locked = lock.npm[id];
  if (locked === undefined) throw new Error(`Cannot list the package ${id}: deno.lock has it not`);
  const { license } = Package.parse(JSON.parse(Deno.readTextFileSync(`${folder}/package.json`)));
  return { integrity: locked.integrity, license };
}
