/**
 * The record: how fast events become durable, how soon a server with a long past is ready, and what
 * a call costs. `deno run -A bench/record.ts [--quick]` runs it alone.
 * @module
 */
import { type CallsReport, measureCalls } from "./record_calls.ts";
import type { WritersReport } from "./record_writers.ts";

/** One measure, with a number from each round. */
interface Row {
  readonly measure: string;
  readonly tipring: readonly number[];
}

const WRITERS = [1, 10, 100];
const EVENTS = 1_000_000;
const READY_WITHIN_MS = 30_000;
const POLL_MS = 5;

/** Durable events, the start, and whole calls. Each of them has both cores. */
export const record = {
  title: `The record: durable events, ${EVENTS.toLocaleString("en")} of them at the start, calls`,
  async run({ rounds, measureMs }: { rounds: number; measureMs: number }): Promise<Row[]> {
    const folder = await Deno.makeTempDir({ prefix: "tipring_bench_" });
    try {
      return [
        ...await writersRows(folder, rounds, measureMs),
        { measure: "from start to ready, ms", tipring: await readyMs(folder, rounds) },
        ...await callsRows(folder, rounds, measureMs),
      ];
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

async function writersRows(folder: string, rounds: number, measureMs: number): Promise<Row[]> {
  const reports: WritersReport[][] = WRITERS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, writers] of WRITERS.entries()) {
      const args = [`${folder}/${writers}-${round}.db`, String(writers), String(measureMs)];
      reports[index]!.push(JSON.parse(await run("record_writers.ts", args)));
    }
  }
  const row = (measure: string, of: (report: WritersReport) => number) =>
    WRITERS.map((writers, index) => ({
      measure: `${measure}, ${writers} ${writers === 1 ? "writer" : "writers"}`,
      tipring: reports[index]!.map(of),
    }));
  return [
    ...row("durable events/s", ({ eventsPerSecond }) => eventsPerSecond),
    ...row("until durable p50, ms", ({ p50Ms }) => p50Ms),
    ...row("until durable p99, ms", ({ p99Ms }) => p99Ms),
  ];
}

async function readyMs(folder: string, rounds: number): Promise<number[]> {
  const database = `${folder}/past.db`;
  await run("record_fill.ts", [database, String(EVENTS)]);
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const beganMs = performance.now();
    await using _server = await start(database);
    tookMs.push(performance.now() - beganMs);
  }
  return tookMs;
}

async function callsRows(folder: string, rounds: number, measureMs: number): Promise<Row[]> {
  const [kept, forgotten]: CallsReport[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (
      const [reports, path] of [[kept, `${folder}/calls.db`], [forgotten, ":memory:"]] as const
    ) {
      await using server = await start(path);
      reports!.push(await measureCalls(server, measureMs));
    }
  }
  const row = (measure: string, of: (report: CallsReport) => number) => [
    { measure: `${measure}, on disk`, tipring: kept!.map(of) },
    { measure: `${measure}, in memory`, tipring: forgotten!.map(of) },
  ];
  return [
    ...row("whole inbound calls/s", ({ callsPerSecond }) => callsPerSecond),
    ...row("their events/s", (report) => report.callsPerSecond * report.eventsPerCall),
    ...row("server CPU, µs/call", ({ cpuMicrosPerCall }) => cpuMicrosPerCall),
  ];
}

interface Server extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

/** Starts a server on a database and resolves when it is ready. */
async function start(database: string): Promise<Server> {
  const port = freePort();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", new URL("../main.ts", import.meta.url).pathname],
    cwd: new URL(".", import.meta.url),
    env: {
      HOST: "127.0.0.1",
      PORTS: String(port),
      DATABASE_URL: `sqlite:${database}`,
      LOG_LEVEL: "error",
      INBOUND_DTMF_AFTER_MS: "never",
    },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const stop = async () => {
    process.kill("SIGKILL");
    await process.status;
  };
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (!await isReady(port)) {
    if (performance.now() > untilMs) {
      await stop();
      throw new Error(`the server was not ready within ${READY_WITHIN_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { port, pid: process.pid, [Symbol.asyncDispose]: stop };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs a module of this folder to its end, and gives what it printed. */
async function run(module: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", new URL(module, import.meta.url).pathname, ...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${module} has failed`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const quick = Deno.args.includes("--quick");
  const plan = quick ? { rounds: 1, measureMs: 1500 } : { rounds: 4, measureMs: 3000 };
  console.log(record.title);
  for (const { measure, tipring } of await record.run(plan)) {
    const sorted = [...tipring].sort((one, other) => one - other);
    const middle = sorted[Math.floor(sorted.length / 2)]!;
    const range = `${sorted[0]!.toFixed(1)}–${sorted.at(-1)!.toFixed(1)}`;
    console.log(`${measure.padEnd(40)} ${middle.toFixed(1).padStart(10)} (${range})`);
  }
}
