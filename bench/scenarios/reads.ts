/**
 * Replays, a long transcript and a long list, while calls are on.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { PacedReport, ReplayedReport, ReplayJob } from "../load/jobs.ts";
import { Load } from "../loads.ts";
import { runModule } from "../run_module.ts";
import { type Server, startServer } from "../servers.ts";
import type { Row } from "../table.ts";
import { EVENTS, LINES } from "./reads_sizes.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const CALLS = 50;
/** The calls last this long, whatever is read meanwhile. */
const MEASURE_MS = 12_000;
/** By then the calls have started. */
const BEGUN_MS = 2000;
const CLIENT = "/api/v1/ws/%2B254712345678";
const PAGE = 200;

type Reading = Omit<ReplayJob, "kind" | "port">;

/** The readers. */
const READINGS: Readonly<Record<string, Reading>> = {
  [`100 sockets, ${EVENTS} events`]: {
    path: `${CLIENT}?after=0`,
    readers: 100,
    isSocket: true,
    last: `"event_id":${EVENTS},`,
  },
  [`500 event streams, ${EVENTS} events`]: {
    path: "/api/v1/events/stream?last_event_id=0",
    readers: 500,
    isSocket: false,
    last: `"id":${EVENTS},`,
  },
  "9000 sockets, 200 events": {
    path: `${CLIENT}?after=${EVENTS - 200}`,
    readers: 9000,
    isSocket: true,
    last: `"event_id":${EVENTS},`,
  },
};

const TRANSCRIPT: Reading = {
  path: "/api/v1/calls/long/transcript",
  readers: 1,
  isSocket: false,
  last: `"seq":${LINES},`,
};

/** 50 calls, and other clients' reads meanwhile. */
export const reads: Scenario = {
  title: `What is read while ${CALLS} calls go on`,
  async run({ rounds }) {
    const folder = await Deno.makeTempDir({ prefix: "tipring_bench_" });
    try {
      await runModule("reads_fill.ts", [`${folder}/log.db`, "log"]);
      await runModule("reads_fill.ts", [`${folder}/long.db`, "long"]);
      return [
        ...await replayRows(`${folder}/log.db`, rounds),
        ...await longRows(`${folder}/long.db`, rounds),
      ];
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

async function replayRows(path: string, rounds: number): Promise<Row[]> {
  await using server = await start(path);
  const rows: Row[] = [];
  for (const [name, reading] of Object.entries(READINGS)) {
    rows.push(...await readingRows(server, name, reading, rounds));
  }
  return rows;
}

async function longRows(path: string, rounds: number): Promise<Row[]> {
  await using server = await start(path);
  const name = `a transcript of ${LINES.toLocaleString("en")} lines`;
  const rows = await readingRows(server, name, TRANSCRIPT, rounds);
  const [calls, pages]: [PacedReport[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const going = measurePaced(server, CALLS, MEASURE_MS);
    await sleep(BEGUN_MS);
    pages.push(...await walk(server));
    calls.push(await going);
  }
  return [
    ...rows,
    { measure: "all contracts, page by page: calls' p99, ms", tipring: calls.map((c) => c.p99) },
    { measure: "their last pages, ms each", tipring: pages },
  ];
}

async function readingRows(
  server: Server,
  name: string,
  reading: Reading,
  rounds: number,
): Promise<Row[]> {
  const [calls, told]: [PacedReport[], ReplayedReport[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const going = measurePaced(server, CALLS, MEASURE_MS);
    await sleep(BEGUN_MS);
    await using load = await Load.open<ReplayJob>({
      kind: "replay",
      port: server.port,
      ...reading,
    });
    await load.begin();
    const [report, replayed] = await Promise.all([going, load.report()]);
    calls.push(report);
    told.push(replayed);
  }
  return [
    { measure: `${name}: calls' p99, ms`, tipring: calls.map(({ p99 }) => p99) },
    { measure: `${name}: calls' max, ms`, tipring: calls.map(({ max }) => max) },
    { measure: `${name}: lost frames`, tipring: calls.map(({ sent, back }) => sent - back) },
    { measure: `${name}: until all is read, s`, tipring: told.map((t) => t.tookMs / 1000) },
  ];
}

/** Follows the cursors of all contracts; how long each of the last ten pages took, in ms. */
async function walk({ port }: Server): Promise<number[]> {
  const tookMs: number[] = [];
  let cursor = "";
  do {
    const beganMs = performance.now();
    const response = await fetch(
      `http://127.0.0.1:${port}/api/v1/contracts?limit=${PAGE}${cursor}`,
    );
    const { next_cursor } = await response.json();
    tookMs.push(performance.now() - beganMs);
    cursor = next_cursor === undefined ? "" : `&cursor=${next_cursor}`;
  } while (cursor !== "");
  return tookMs.slice(-10);
}

/** A server whose sockets need not answer pings. */
function start(database: string): Promise<Server> {
  return startServer("tipring", {
    DATABASE_URL: `sqlite:${database}`,
    LOG_LEVEL: "error",
    HEARTBEAT_MS: "600000",
  });
}
