/**
 * Counts the files on the paths through the code: `deno task walks`, or `deno task walks frame play`.
 * `--functions` names what runs in each; `--check` compares with ARCHITECTURE.md. A walk is walked a few times and more times, and V8 counts the
 * calls of every function: one that is called at least once more for each further time is on the path.
 * @module
 */
import { outputOf, ROOT } from "../support/process.ts";
import { WALKS } from "./walks.ts";

/** Calls by file, function and place. */
type Calls = ReadonlyMap<string, { readonly file: string; readonly name: string; calls: number }>;

/** The part that is used of a file of `deno run --coverage`. */
interface Coverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
  }[];
}

const NOT_PRODUCT = /^(tests|std)\//;

/** Code that timers run may run during any walk. */
const CLOCKED: ReadonlySet<string> = new Set(["session/lateness.ts"]);
/** The taps of every session, which ARCHITECTURE.md names once. */
const TAPS = [
  "session/observe.ts",
  "server/session_log.ts",
  "http/admission/count_sessions.ts",
  "recordings/recordings.ts",
];

const architecture = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));
const checks = Deno.args.includes("--check");
const showsFunctions = Deno.args.includes("--functions");
const asked = Deno.args.filter((name) => !name.startsWith("--"));
for (const name of asked.length > 0 ? asked : Object.keys(WALKS)) {
  if (!(name in WALKS)) throw new Error(`No walk ${name}: ${Object.keys(WALKS).join(", ")}`);
  const files = await filesOn(name);
  if (checks) {
    for (const fault of faultsOf(WALKS[name]!.section, files)) {
      console.error(`${name}: ${fault}`);
      Deno.exitCode = 1;
    }
    continue;
  }
  console.log(`${name}: ${files.size} files`);
  for (const file of [...files.keys()].sort()) {
    console.log(`  ${file}${showsFunctions ? `: ${files.get(file)!.join(", ")}` : ""}`);
  }
}

/** Differences between the section of ARCHITECTURE.md and the measurement. */
function faultsOf(section: string, files: ReadonlyMap<string, unknown>): string[] {
  const text = architecture.split(/^### /m).find((text) => text.startsWith(`${section}\n`));
  if (text === undefined) throw new Error(`ARCHITECTURE.md has no section ${section}`);
  const named = [...text.matchAll(/`([^`\s]+\.ts)`/g)].map(([, path]) => path!);
  const isNamed = (file: string) =>
    TAPS.includes(file) || named.some((path) => file === path || file.endsWith(`/${path}`));
  const steps = [...text.matchAll(/^\d+\. `([^`\s]+\.ts)`/gm)].map(([, path]) => path!);
  return [
    ...[...files.keys()].filter((file) => !isNamed(file) && !CLOCKED.has(file))
      .map((file) => `${file} runs and is not named`),
    ...steps.filter((path) => !files.has(path)).map((path) => `${path} does not run`),
  ];
}

/** The files on a walk, with the functions that run on it. */
async function filesOn(name: string): Promise<Map<string, string[]>> {
  const { few, more } = WALKS[name]!;
  const before = await callsOf(name, few);
  const files = new Map<string, string[]>();
  for (const [key, { file, name: called, calls }] of await callsOf(name, more)) {
    if (calls - (before.get(key)?.calls ?? 0) < more - few) continue;
    files.set(file, [...files.get(file) ?? [], called]);
  }
  return files;
}

async function callsOf(name: string, times: number): Promise<Calls> {
  const folder = await Deno.makeTempDir({ prefix: "tipring-walk-" });
  try {
    const walks = new URL("walks.ts", import.meta.url).pathname;
    const args = ["run", "--frozen", "-A", `--coverage=${folder}`, walks, name, String(times)];
    const { success, stderr } = await outputOf(Deno.execPath(), { args, cwd: ROOT });
    if (!success) throw new Error(`Cannot walk ${name}: ${new TextDecoder().decode(stderr)}`);
    return await readCalls(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Adds the calls of all threads. */
async function readCalls(folder: string): Promise<Calls> {
  const calls = new Map<string, { file: string; name: string; calls: number }>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const { url, functions }: Coverage = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    if (!url.startsWith(ROOT.href)) continue;
    const file = url.slice(ROOT.href.length);
    if (NOT_PRODUCT.test(file)) continue;
    for (const { functionName, ranges: [range] } of functions) {
      const key = `${file} ${range!.startOffset} ${functionName}`;
      const known = calls.get(key)?.calls ?? 0;
      calls.set(key, { file, name: functionName || "(no name)", calls: known + range!.count });
    }
  }
  return calls;
}
