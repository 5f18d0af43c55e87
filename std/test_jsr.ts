/**
 * Runs the suite of `deno task test` against the original packages from JSR, instead of the
 * stand-ins of this folder.
 *
 * @module
 */

import { testCommand } from "./test_command.ts";
import type { ProjectConfig } from "./test_command.ts";

const ROOT = new URL("../", import.meta.url);
/**
 * It lies beside `deno.json`, so that relative paths mean the same in both, and is not named like a
 * JSON file, so that `deno fmt` passes it over.
 */
const CONFIG_NAME = ".deno.jsr.tmp";
const REGISTRY = Deno.env.get("JSR_URL") ?? "https://jsr.io/";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  try {
    const { tasks } = await readJson("deno.json");
    const config = { ...await readJson("dev.json"), tasks };
    const { env, args } = testCommand(config, CONFIG_NAME);
    await findPackages(config);
    return await runTests(config, env, args);
  } catch (error) {
    console.error(`test:jsr: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function readJson(name: string): Promise<ProjectConfig> {
  return JSON.parse(await Deno.readTextFile(new URL(name, ROOT)));
}

/** Deno itself would tell of the first missing package only after a screenful of attempts. */
async function findPackages(config: ProjectConfig): Promise<void> {
  for (const specifier of Object.values(config.imports ?? {})) {
    const [, name, version] = /^jsr:\/?(@[^/]+\/[^@/]+)@([^/]+)/.exec(specifier) ?? [];
    if (!name) continue;
    const url = new URL(`${name}/${version}_meta.json`, REGISTRY);
    let failure: string | undefined;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
      await response.body?.cancel();
      if (!response.ok) failure = `status ${response.status}`;
    } catch (error) {
      failure = error instanceof Error ? error.message.split("\n")[0] : String(error);
    }
    if (failure) {
      throw new Error(`JSR cannot be reached, so nothing was tested (${url}: ${failure})`);
    }
  }
}

async function runTests(
  config: ProjectConfig,
  env: Record<string, string>,
  args: string[],
): Promise<number> {
  const { links: _, lock: __, ...rest } = config;
  const path = new URL(CONFIG_NAME, ROOT);
  // An interrupt goes to the tests as well: they end, and then the file is removed.
  const wait = () => {};
  Deno.addSignalListener("SIGINT", wait);
  try {
    await Deno.writeTextFile(path, JSON.stringify({ ...rest, lock: false }));
    const { code } = await new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT }).spawn()
      .status;
    return code;
  } finally {
    await Deno.remove(path).catch(() => {});
    Deno.removeSignalListener("SIGINT", wait);
  }
}
