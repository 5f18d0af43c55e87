/** The packages that starting the server downloads: its own, and none of the tests and simulators. */
import { dirname } from "node:path";
import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import devConfig from "../dev.json" with { type: "json" };
import { packagesOfServer } from "./support/needed.ts";
import { ROOT, ServerProcess } from "./support/process.ts";
import { databaseFile } from "./support/database_file.ts";

/** Raise it knowingly: each package is code that runs beside the calls. It was 242. */
const MOST_PACKAGES = 63;
/** Unpacked. It was 84 million bytes, 120 MB on disk. */
const MOST_BYTES = 55_000_000;

const { packages } = await packagesOfServer();
const lock = await readLock("deno.lock");

Deno.test("packages: the server needs no more than before", async () => {
  assert(packages.length <= MOST_PACKAGES, `${packages.length} packages`);
  let bytes = 0;
  for (const { folder } of packages) bytes += await bytesBelow(folder);
  assert(bytes <= MOST_BYTES, `${bytes} bytes`);
});

Deno.test("packages: deno.lock contains exactly what the server needs", () => {
  // `deno task` downloads all of it before it runs the task.
  assertEquals(Object.keys(lock.npm), packages.map(({ id }) => id));
  assertEquals(Object.keys(lock.specifiers).toSorted(), npmOf(config.imports));
});

Deno.test("packages: each has one exact version", () => {
  for (const specifier of Object.values(devConfig.imports)) {
    const [, version] = /^(?:npm|jsr):(?:@[^/]+\/)?[^/@]+@([^/]+)/.exec(specifier) ?? [];
    assert(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version ?? ""), specifier);
  }
});

Deno.test("packages: dev.json is deno.json plus the packages of tests, bench and simulators", async () => {
  const { tasks: _, fmt: __, lint: ___, imports, ...rest } = config;
  const { imports: devImports, lock: devLockName, ...devRest } = devConfig;
  assertEquals(devRest, rest);
  const shared = Object.entries(devImports).filter(([name]) => name in imports);
  assertEquals(Object.fromEntries(shared), imports);
  const devLock = await readLock(devLockName);
  for (const [id, { integrity }] of Object.entries(lock.npm)) {
    // A package with a peer that only the tests have is called after it too.
    const named = Object.entries(devLock.npm).find(([name]) =>
      name === id || name.startsWith(`${id}_`)
    );
    assertEquals(named?.[1].integrity, integrity, id);
  }
});

Deno.test("packages: the server starts with only its own packages in Deno's cache", async () => {
  await using file = await databaseFile();
  const cache = `${file.folder}/cache`;
  const folders = new Set(packages.map(({ folder }) => folder));
  // Beside the folders of the versions is the list of them, where the lock was not enough.
  const lists = new Set([...folders].map((folder) => `${dirname(folder)}/registry.json`));
  for (const target of [...folders, ...lists]) {
    const [, path] = /(\/npm\/[^/]+\/.+)$/.exec(target)!;
    await copy(target, `${cache}${path}`);
  }
  await using server = new ServerProcess({
    args: ["--frozen", "--cached-only", "--no-check", "-A", new URL("main.ts", ROOT).pathname],
    env: { DENO_DIR: cache, PORTS: "0", DATABASE_URL: file.url },
  });
  await server.stdout.next((line) => line.startsWith("inbound call"));
});

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

async function readLock(name: string): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(new URL(name, ROOT)));
}

/** The packages among imports, once each and without the paths in them. */
function npmOf(imports: Readonly<Record<string, string>>): string[] {
  const found = Object.values(imports).flatMap((specifier) =>
    /^npm:(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? []
  );
  return [...new Set(found)].toSorted();
}

/** Copies a file or a folder, if it is there; Deno would follow a link. */
async function copy(from: string, to: string): Promise<void> {
  const found = await Deno.stat(from).catch(() => undefined);
  if (found === undefined) return;
  if (found.isFile) {
    await Deno.mkdir(dirname(to), { recursive: true });
    // The same file costs nothing, where both are on one disk.
    return await Deno.link(from, to).catch(() => Deno.copyFile(from, to));
  }
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await bytesBelow(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}
