/**
 * A bill of materials in CycloneDX 1.6.
 * @see https://cyclonedx.org/docs/1.6/json/
 * @module
 */
import type { NeededPackage } from "./needed_packages.ts";

/** The bill's entry for a package, besides its dependencies. */
export interface Provenance {
  /** As in `deno.lock`: `sha512-` and the digest in base64. */
  readonly integrity: string;
  /** The member `license` of its `package.json`: an id or an expression of SPDX. */
  readonly license: string | undefined;
}

/** The input of a bill. */
export interface BillOptions {
  /** The ids of the packages that the program itself imports. */
  readonly imported: readonly string[];
  readonly packages: readonly NeededPackage[];
  provenanceOf(needed: NeededPackage): Provenance;
  /** The version of Deno that runs the program. */
  readonly denoVersion: string;
  readonly at: Date;
  /** The id of this bill, a UUID. */
  readonly serial: string;
}

const PROGRAM = "tipring";

/** Makes the bill as JSON. Each package is a component, referred to by its purl. */
export function bill(options: BillOptions) {
  const { imported, packages, provenanceOf, denoVersion, at, serial } = options;
  const deno = purlOf({ name: "deno", version: denoVersion });
  const refs = new Map(packages.map((needed) => [needed.id, purlOf(needed)]));
  const refsOf = (ids: readonly string[]) =>
    [...new Set(ids.map((id) => refs.get(id)!))].toSorted();
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      tools: { components: [{ type: "application", name: "deno task sbom" }] },
      component: {
        type: "application",
        "bom-ref": PROGRAM,
        name: PROGRAM,
        licenses: licensesOf("MIT"),
      },
    },
    components: [
      {
        type: "platform",
        "bom-ref": deno,
        name: "deno",
        version: denoVersion,
        scope: "required",
        licenses: licensesOf("MIT"),
        purl: deno,
      },
      ...onceEach(packages).map((needed) => component(needed, provenanceOf(needed))),
    ],
    dependencies: [
      { ref: PROGRAM, dependsOn: [deno, ...refsOf(imported)] },
      { ref: deno, dependsOn: [] },
      ...onceEach(packages).map((needed) => ({
        ref: purlOf(needed),
        dependsOn: refsOf(needed.dependencies),
      })),
    ],
  };
}

function component(needed: NeededPackage, { integrity, license }: Provenance) {
  const [group, name] = needed.name.startsWith("@") ? needed.name.split("/") : [];
  const file = `${name ?? needed.name}-${needed.version}.tgz`;
  const purl = purlOf(needed);
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: name ?? needed.name,
    version: needed.version,
    scope: "required",
    hashes: [hashOf(needed, integrity)],
    licenses: licensesOf(license),
    purl,
    externalReferences: [{
      type: "distribution",
      url: `https://registry.npmjs.org/${needed.name}/-/${file}`,
    }],
  };
}

/** A package with other peers is the same files once more. */
function onceEach(packages: readonly NeededPackage[]): NeededPackage[] {
  return [...new Map(packages.map((needed) => [purlOf(needed), needed])).values()];
}

/** @see https://github.com/package-url/purl-spec */
function purlOf({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function hashOf({ id }: NeededPackage, integrity: string) {
  const [, base64] = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity) ?? [];
  if (base64 === undefined) {
    throw new Error(`Cannot list the package ${id}: its integrity "${integrity}" is not a SHA-512`);
  }
  return { alg: "SHA-512", content: Uint8Array.fromBase64(base64).toHex() };
}

/** A package without a licence has an empty list. */
function licensesOf(license: string | undefined) {
  if (license === undefined) return [];
  return /^[\w.+-]+$/.test(license) ? [{ license: { id: license } }] : [{ expression: license }];
}
