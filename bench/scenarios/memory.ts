/**
 * What a silent socket costs in memory.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { rssBytes } from "../cpu.ts";
import type { Echo } from "../load/call.ts";
import type { IdleJob } from "../load/jobs.ts";
import { Load } from "../loads.ts";
import { HARDENED, type Settings, startServer } from "../servers.ts";
import type { Scenario } from "./scenario.ts";

const SOCKETS = 6000;
/**
 * Opened before the measurement: it leaves out what the first sockets load once. V8 compiles the handshake
 * after some hundreds of them, and its compiler keeps 20 MB of what it used.
 */
const FIRST_SOCKETS = 2000;
const SETTLE_MS = 1500;

const party = (index: number) => `/api/v1/ws/%2B2547${10_000_000 + index}`;
const call = () => "/inbound";
const KINDS = [
  { measure: "notifications, KiB/socket", path: party, settings: {} },
  { measure: "inbound calls, KiB/socket", path: call, settings: {} },
  { measure: "notifications, hardened, KiB/socket", path: party, settings: HARDENED },
  { measure: "inbound calls, hardened, KiB/socket", path: call, settings: HARDENED },
];

/** Idle sockets; each kind on a server of its own. */
export const memory: Scenario = {
  title: `Memory of ${SOCKETS} idle sockets (resident set)`,
  async run({ rounds }) {
    const bare: number[] = [];
    const kinds = KINDS.map((kind) => ({ ...kind, tipring: [] as number[] }));
    for (let round = 0; round < Math.min(rounds, 2); round++) {
      bare.push(await kibPerSocket("bare", () => "/"));
      for (const { path, settings, tipring } of kinds) {
        tipring.push(await kibPerSocket("tipring", path, settings));
      }
    }
    return kinds.map(({ measure, tipring }) => ({ measure, bare, tipring }));
  },
};

async function kibPerSocket(
  echo: Echo,
  path: (index: number) => string,
  settings: Settings = {},
): Promise<number> {
  await using server = await startServer(echo, settings);
  const paths = Array.from({ length: SOCKETS }, (_, index) => path(index));
  const { port } = server;
  const first: IdleJob = { kind: "idle", port, paths: paths.slice(0, FIRST_SOCKETS) };
  await using _first = await Load.open(first);
  await sleep(SETTLE_MS);
  const before = rssBytes(server.pid);
  const rest: IdleJob = { kind: "idle", port, paths: paths.slice(FIRST_SOCKETS) };
  await using _rest = await Load.open(rest);
  await sleep(SETTLE_MS);
  return (rssBytes(server.pid) - before) / 1024 / rest.paths.length;
}
