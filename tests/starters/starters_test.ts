/** A server ends with the process that started it. */
import { assertEquals } from "@std/assert";
import { type Process, startersOf } from "../../starters/starters.ts";
import { Client } from "../support/client.ts";
import { ROOT } from "../support/process.ts";
import { ProcessTree } from "../support/process_tree.ts";
import { argsOf } from "../support/tasks.ts";

const MAIN = new URL("main.ts", ROOT).pathname;

/** A chain of processes: each is the parent of the next, and the last runs the task. */
function startersIn(...commands: string[]): Promise<number[]> {
  const processes = new Map<number, Process>(
    commands.map((command, at) => [at + 1, { parent: at, command }]),
  );
  return startersOf(commands.length, (pid) => Promise.resolve(processes.get(pid)));
}

Deno.test("startersOf() climbs from the task to the package runner, and no further", async () => {
  const TASK = "deno task start";
  const cases: [commands: string[], starters: number[]][] = [
    [[TASK], [1]],
    [["init", "-bash", TASK], [3]],
    [["init", "bash", "npm exec deno@2.9.6 task start", "sh -c 'deno' task start", TASK], [
      5,
      4,
      3,
    ]],
    [["node /usr/bin/npx -y deno@2.9.6 task start", "sh -c 'deno' task start", TASK], [3, 2, 1]],
    [["/bin/node --x /lib/npm/bin/npx-cli.js -y deno", "/bin/sh -c 'deno' task start", TASK], [
      3,
      2,
      1,
    ]],
    // Without npm's scripts a Node program runs Deno.
    [["npm exec deno", "sh -c 'deno' task", "node /x/.bin/deno task start", TASK], [4, 3, 2, 1]],
    [["npm exec deno", "sh -c 'deno' task", "/bin/node /x/deno/bin.cjs task", TASK], [4, 3, 2, 1]],
    [["npm run serve", "sh -c npx deno", "npm exec deno", "sh -c 'deno' task start", TASK], [
      5,
      4,
      3,
      2,
      1,
    ]],
    // These may end before the server on purpose.
    [["npm run daemon", "sh -c nohup deno task start & ", TASK], [3]],
    [["npm run daemon", "bash daemon.sh", TASK], [3]],
    [["sshd: me", "bash -c npx -y deno task start", "npm exec deno", "sh -c 'deno' task", TASK], [
      5,
      4,
      3,
    ]],
    [["pnpm-like npmrc", "vim npm", TASK], [3]],
  ];
  for (const [commands, starters] of cases) {
    assertEquals(await startersIn(...commands), starters, commands.join(" ▸ "));
  }
});

for (const signal of ["SIGTERM", "SIGKILL", "SIGHUP"] as const) {
  Deno.test(`starters: ${signal} to npx stops the server, and leaves no orphan`, async () => {
    await using folder = await temporaryFolder();
    await using tree = await ProcessTree.underNpm(folder.path, "task", "start");
    await stopsCleanly(tree, () => tree.kill(signal));
  });

  Deno.test(`starters: ${signal} to the task's own process stops the server`, async () => {
    await using tree = new ProcessTree(Deno.execPath(), ["task", "start"]);
    await stopsCleanly(tree, () => tree.kill(signal));
  });
}

/** Present when npx runs the tests. */
const isNpx = Deno.execPath().includes("/_npx/");

Deno.test({
  name: "starters: SIGTERM to the real npx stops the server, and leaves no orphan",
  ignore: !isNpx,
  async fn() {
    const deno = `deno@${Deno.version.deno}`;
    await using tree = new ProcessTree("npx", ["--offline", "-y", deno, "task", "start"]);
    await stopsCleanly(tree, () => tree.kill("SIGTERM"));
  },
});

Deno.test("starters: SIGTERM to npx ends `deno task dev` with its watcher", async () => {
  await using folder = await temporaryFolder();
  await using tree = await ProcessTree.underNpm(folder.path, "task", "dev");
  await stopsCleanly(tree, () => tree.kill("SIGTERM"));
});

Deno.test("starters: a server survives the exit of an unrelated starter", async () => {
  await using folder = await temporaryFolder();
  const servers = `STARTED_BY=$$ $DENO run -A ${MAIN} & $DENO run -A ${MAIN} & wait`;
  await Deno.writeTextFile(`${folder.path}/both`, servers);
  await using tree = new ProcessTree("sh", [`${folder.path}/both`]);
  const ports = [await tree.port(), await tree.port()];
  const clients = await Promise.all(ports.map((port) => notified(port)));
  await using closing = new AsyncDisposableStack();
  for (const client of clients) closing.use(client);
  tree.kill("SIGKILL");
  const first = await Promise.race(
    clients.map(async (client, at) => [at, (await client.whenClosed()).code]),
  );
  assertEquals(first[1], 1001);
  const other = ports[1 - first[0]!];
  const response = await fetch(`http://127.0.0.1:${other}/livez`);
  assertEquals([response.status, (await response.json()).status], [200, "ok"]);
});

Deno.test("starters: a server notices that its parent is dead before it is reaped", async () => {
  await using folder = await temporaryFolder();
  const parent = `STARTED_BY=$$ $DENO run -A ${MAIN} & wait`;
  await Deno.writeTextFile(`${folder.path}/parent`, parent);
  // The replacement of the shell does not wait for its children: a dead one keeps its id.
  await Deno.writeTextFile(
    `${folder.path}/above`,
    `sh ${folder.path}/parent & echo "parent $!"; exec tail -f /dev/null`,
  );
  await using tree = new ProcessTree("sh", [`${folder.path}/above`]);
  const pid = Number(await tree.next(/^parent (\d+)/));
  await using client = await notified(await tree.port());
  Deno.kill(pid, "SIGKILL");
  assertEquals((await client.whenClosed()).code, 1001);
});

Deno.test("starters: SIGTERM to npx ends the demo, and its server", async () => {
  await using folder = await temporaryFolder();
  await using tree = await ProcessTree.underNpm(folder.path, "task", "demo");
  const port = await demoPort(tree);
  await using client = await notified(port);
  tree.kill("SIGTERM");
  await tree.gone();
  await client.whenClosed();
});

Deno.test("starters: SIGKILL to the demo stops its server", async () => {
  await using tree = new ProcessTree(Deno.execPath(), ["run", ...argsOf("demo")]);
  await using client = await notified(await demoPort(tree));
  tree.kill("SIGKILL");
  assertEquals((await client.whenClosed()).code, 1001);
});

Deno.test("starters: SIGKILL to the torture stops its server", async () => {
  const child = new URL("tests/support/torture_child.ts", ROOT).pathname;
  await using tree = new ProcessTree(Deno.execPath(), ["run", "-A", child]);
  await using client = await notified(await tree.port());
  tree.kill("SIGKILL");
  assertEquals((await client.whenClosed()).code, 1001);
});

Deno.test("starters: SIGTERM to npx ends the torture", async () => {
  await using folder = await temporaryFolder();
  await using tree = await ProcessTree.underNpm(folder.path, "task", "torture");
  await tree.next(/^seed /);
  tree.kill("SIGTERM");
  await tree.gone();
});

/** Every client is notified, and no process is left. */
async function stopsCleanly(tree: ProcessTree, end: () => void): Promise<void> {
  await using client = await notified(await tree.port());
  end();
  assertEquals((await client.whenClosed()).code, 1001);
  await tree.gone();
}

function notified(port: number): Promise<Client> {
  return Client.open(`ws://127.0.0.1:${port}/api/v1/ws/a`);
}

async function demoPort(tree: ProcessTree): Promise<number> {
  return Number(await tree.next(/serves on 127\.0\.0\.1:(\d+)/));
}

async function temporaryFolder() {
  const path = await Deno.makeTempDir({ prefix: "tipring-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
