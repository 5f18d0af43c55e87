/** The bill of materials, checked against CycloneDX's own schema. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { bill } from "../../sbom/bill.ts";
import { neededPackages } from "../../sbom/needed_packages.ts";
import { packagesOfServer } from "../support/needed.ts";
import { outputOf, ROOT } from "../support/process.ts";

const schema = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

Deno.test("deno task sbom prints what the server needs, as CycloneDX 1.6", async () => {
  const { stdout, stderr, success } = await outputOf(Deno.execPath(), {
    args: ["task", "--quiet", "sbom"],
    cwd: ROOT,
  });
  assert(success, new TextDecoder().decode(stderr));
  const text = new TextDecoder().decode(stdout);
  assertEquals(await schema.validate(text), null);
  const { components, dependencies, specVersion } = JSON.parse(text) as Bill;
  assertEquals(specVersion, "1.6");
  const { packages, imported } = await packagesOfServer();
  const [deno, ...libraries] = components;
  assertEquals([deno?.name, deno?.version], ["deno", Deno.version.deno]);
  assertEquals(
    libraries.map(({ group, name, version }) =>
      `${group === undefined ? "" : `${group}/`}${name}@${version}`
    ),
    packages.map(({ name, version }) => `${name}@${version}`),
  );
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const locked: Record<string, { integrity: string }> = lock.npm;
  for (const [at, { purl, hashes, licenses }] of libraries.entries()) {
    const { id } = packages[at]!;
    assertMatch(purl, /^pkg:npm\/(?:%40[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+[\w.-]*$/);
    assertEquals(hashes?.map(({ alg }) => alg), ["SHA-512"]);
    const digest = Uint8Array.fromHex(hashes![0]!.content).toBase64();
    assertEquals(`sha512-${digest}`, locked[id]!.integrity, id);
    assertEquals(licenses.length, 1, `${id} has no licence`);
  }
  const refs = components.map((component) => component["bom-ref"]);
  assertEquals(dependencies.map(({ ref }) => ref), ["tipring", ...refs]);
  assertEquals(dependencies[0]!.dependsOn.length, imported.length + 1);
  const known = new Set(refs);
  for (const { dependsOn } of dependencies) {
    for (const ref of dependsOn) assert(known.has(ref), ref);
  }
});

Deno.test("bill() writes licences as ids, expressions or not at all, and passes the schema", async () => {
  const [one, other, none] = ["MIT", "(MIT OR CC0-1.0)", undefined].map((license, at) => ({
    license,
    needed: { id: `p${at}@1.0.0`, name: `p${at}`, version: "1.0.0", dependencies: [], folder: "" },
  }));
  const all = [one!, other!, none!];
  const made = bill({
    ...OPTIONS,
    imported: ["p0@1.0.0"],
    packages: all.map(({ needed }) => needed),
    provenanceOf: ({ id }) => ({
      integrity: INTEGRITY,
      license: all.find(({ needed }) => needed.id === id)!.license,
    }),
  });
  assertEquals(await schema.validate(JSON.stringify(made)), null);
  assertEquals(made.components.slice(1).map(({ licenses }) => licenses), [
    [{ license: { id: "MIT" } }],
    [{ expression: "(MIT OR CC0-1.0)" }],
    [],
  ]);
  // The schema is no rubber stamp.
  const wrong = JSON.stringify(made).replace('"library"', '"libary"');
  assertEquals((await schema.validate(wrong) as unknown[] | null)?.length, 1);
});

Deno.test("bill() lists a package once if it appears with several peers", () => {
  const folder = "";
  const twice = ["a", "b"].map((peer) => ({
    id: `p@1.0.0_${peer}@1.0.0`,
    name: "p",
    version: "1.0.0",
    dependencies: [],
    folder,
  }));
  const made = bill({
    ...OPTIONS,
    imported: twice.map(({ id }) => id),
    packages: twice,
    provenanceOf: () => ({ integrity: INTEGRITY, license: "MIT" }),
  });
  assertEquals(made.components.map(({ name }) => name), ["deno", "p"]);
  assertEquals(made.dependencies[0]!.dependsOn.length, 2);
});

Deno.test("bill() and neededPackages() refuse what they cannot verify", () => {
  const needed = { id: "p@1.0.0", name: "p", version: "1.0.0", dependencies: [], folder: "" };
  const provenanceOf = () => ({ integrity: "sha1-AAAA", license: "MIT" });
  assertThrows(
    () => bill({ ...OPTIONS, imported: [], packages: [needed], provenanceOf }),
    Error,
    'Cannot list the package p@1.0.0: its integrity "sha1-AAAA" is not a SHA-512',
  );
  assertThrows(
    () => neededPackages({ modules: [{ npmPackage: "p@1.0.0" }], npmPackages: {} }),
    Error,
    "Cannot list the package p@1.0.0: it is not described",
  );
});

const INTEGRITY = `sha512-${new Uint8Array(64).toBase64()}`;
const OPTIONS = {
  denoVersion: "2.9.6",
  at: new Date("2026-11-21T08:00:00Z"),
  serial: "3e671687-395b-41f5-a30f-a58921a69b79",
};

interface Bill {
  readonly specVersion: string;
  readonly components: readonly {
    readonly "bom-ref": string;
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly licenses: readonly unknown[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
