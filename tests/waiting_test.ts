/** How tests wait: for events, never for time, and not forever. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { outputOf, ROOT } from "./support/process.ts";

/** Files that set timers, with how often and why. No other file of the tests may set one. */
const TIMERS: Readonly<Record<string, { count: number; why: string }>> = {
  "support/arrivals.ts": { count: 1, why: "the deadline itself" },
  "app_host/simulated_test.ts": { count: 2, why: "the timers of an app" },
  "recordings/recording_socket_test.ts": { count: 1, why: "a line sends a frame every 20 ms" },
  "server/listen/request_faults_test.ts": { count: 1, why: "the end of a turn" },
  "session/websocket/connection_test.ts": { count: 1, why: "the end of a turn" },
  "torture/run.ts": { count: 1, why: "a deadline" },
  "torture/server.ts": { count: 1, why: "asks a process that is about to start" },
  "torture/load.ts": { count: 1, why: "how long the people of the load think" },
  "torture/parties.ts": { count: 1, why: "when a party of the load leaves" },
  "torture/watchers.ts": { count: 1, why: "when a watcher of the load leaves" },
  "torture/socket.ts": { count: 1, why: "a deadline" },
};
const TIMER =
  /\b(?:setTimeout|setInterval|setImmediate|AbortSignal\.timeout|Atomics\.wait|await (?:delay|sleep))\(|from "(?:node:)?timers\/promises/g;

Deno.test("tests wait for events, never for time", async () => {
  const counts: Record<string, number> = {};
  for (const [path, code] of await sources()) {
    const count = code.match(TIMER)?.length ?? 0;
    if (count > 0) counts[path] = count;
  }
  const allowed = Object.entries(TIMERS).map(([path, { count }]) => [path, count]);
  assertEquals(counts, Object.fromEntries(allowed), "wait for the event itself, with `within`");
});

Deno.test("tests wait for their own promises with a deadline", async () => {
  const faults: string[] = [];
  for (const [path, code] of await sources()) {
    // A run of the torture has deadlines for all of its actors.
    if (path.startsWith("torture/")) continue;
    const kept = [...code.matchAll(/\b(\w+) = (?:\w+\.)?Promise\.withResolvers/g)]
      .map(([, name]) => `${name}\\.promise`);
    const taken = [...code.matchAll(/\{ ?promise(?:: (\w+))?,?[^}]*\} = Promise\.withResolvers/g)]
      .map(([, name]) => name ?? "promise");
    if (kept.length + taken.length === 0) continue;
    const waits = new RegExp(`\\bawait (?:this\\.)?#?(?:${[...kept, ...taken].join("|")})\\b`, "g");
    for (const [wait] of code.matchAll(waits)) faults.push(`${path}: ${wait}`);
  }
  assertEquals(faults, [], "wait for it with `within`");
});

Deno.test("tests that never end fail on their own, and the next one runs", async () => {
  assertMatch(config.tasks.test, /--preload=tests\/support\/every_test_ends\.ts /);
  const folder = await Deno.makeTempDir();
  const path = `${folder}/endless_test.ts`;
  await Deno.writeTextFile(
    path,
    `Deno.test("spins", () => { while (true); });
Deno.test("turns", async () => { while (true) await null; });
Deno.test({ name: "waits", fn: () => new Promise((done) => setTimeout(done, 1e6)) });
Deno.test("left out", { ignore: true }, () => {});
Deno.test(function ends() {});
`,
  );
  const { code, stdout } = await outputOf(Deno.execPath(), {
    args: [
      ...["test", "--no-config", "--no-check", "-A"],
      `--preload=${new URL("tests/support/every_test_ends.ts", ROOT).pathname}`,
      path,
    ],
    env: { NO_COLOR: "1", TEST_DEADLINE_MS: "200" },
    stderr: "null",
  });
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 1, text);
  for (const [name, line] of [["spins", 1], ["turns", 2], ["waits", 3]] as const) {
    const at = new RegExp(`${name} => .*endless_test\\.ts:${line}:\\d+\\n.*timed out after 200ms`);
    assertMatch(text, at);
  }
  assert(text.includes("1 passed | 3 failed | 1 ignored"), text);
  await Deno.remove(folder, { recursive: true });
});

/** Every module of the tests but this one, without its comments. */
async function sources(folder = ""): Promise<[path: string, code: string][]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`tests/${folder}`, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) found.push(...await sources(`${path}/`));
    else if (path.endsWith(".ts") && path !== "waiting_test.ts") {
      const text = await Deno.readTextFile(new URL(`tests/${path}`, ROOT));
      found.push([path, text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "")]);
    }
  }
  return found;
}
