/**
 * The record: how fast events become durable, how soon a server with a million of them is ready,
 * and what a call costs.
 * @module
 */
import { type CallsReport, EVENTS_PER_CALL, measureCalls } from "./record_calls.ts";
import type { WritersReport } from "./record_writers.ts";
import { runModule } from "./run_module.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { type Server, startServer } from "./servers.ts";
import type { Row } from "./table.ts";

const WRITERS = [1, 10, 100];
const EVENTS = 1_000_000;

/** Durable events, the start, and whole calls. Each has both cores. */
export const record: Scenario = {
  title: `The record: durable events, ${EVENTS.toLocaleString("en")} of them at the start, calls`,
  async run({ rounds, measureMs }) {
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
      reports[index]!.push(JSON.parse(await runModule("record_writers.ts", args)));
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
  await runModule("record_fill.ts", [database, String(EVENTS)]);
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const beganMs = performance.now();
    await using _server = await start(database);
    tookMs.push(performance.now() - beganMs);
  }
  return tookMs;
}

async function callsRows(folder: string, rounds: number, measureMs: number): Promise<Row[]> {
  const [onDisk, inMemory]: CallsReport[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (
      const [reports, path] of [[onDisk, `${folder}/calls.db`], [inMemory, ":memory:"]] as const
    ) {
      await using server = await start(path);
      reports!.push(await measureCalls(server, measureMs));
    }
  }
  const row = (measure: string, of: (report: CallsReport) => number) => [
    { measure: `${measure}, on disk`, tipring: onDisk!.map(of) },
    { measure: `${measure}, in memory`, tipring: inMemory!.map(of) },
  ];
  return [
    ...row("whole inbound calls/s", ({ callsPerSecond }) => callsPerSecond),
    ...row("their events/s", ({ callsPerSecond }) => callsPerSecond * EVENTS_PER_CALL),
    ...row("server CPU, µs/call", ({ cpuMicrosPerCall }) => cpuMicrosPerCall),
  ];
}

/** A server that has both cores, on this database. */
function start(database: string): Promise<Server> {
  return startServer("tipring", { DATABASE_URL: `sqlite:${database}`, LOG_LEVEL: "error" }, null);
}
