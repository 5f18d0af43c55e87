/**
 * What a silent socket costs in memory.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { rssBytes } from "../cpu.ts";
import type { Echo } from "../load/call.ts";
import type { IdleJob } from "../load/jobs.ts";
import { Load } from "../loads.ts";
import { startServer } from "../servers.ts";
import type { Scenario } from "./scenario.ts";

const SOCKETS = 2000;
/** Opened before the measurement: it leaves out what the first sockets load once. */
const FIRST_SOCKETS = 100;
const SETTLE_MS = 1500;

/** Idle sockets; each kind on a server of its own. */
export const memory: Scenario = {
  title: `Memory of ${SOCKETS} idle sockets (resident set)`,
  async run({ rounds }) {
    const [bare, notifications, inbound]: number[][] = [[], [], []];
    for (let round = 0; round < Math.min(rounds, 2); round++) {
      bare!.push(await kibPerSocket("bare", () => "/"));
      notifications!.push(
        await kibPerSocket("tipring", (index) => `/api/v1/ws/%2B2547${10_000_000 + index}`),
      );
      inbound!.push(await kibPerSocket("tipring", () => "/inbound"));
    }
    return [
      { measure: "notifications, KiB/socket", bare: bare!, tipring: notifications! },
      { measure: "inbound calls, KiB/socket", bare: bare!, tipring: inbound! },
    ];
  },
};

async function kibPerSocket(echo: Echo, path: (index: number) => string): Promise<number> {
  await using server = await startServer(echo);
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
