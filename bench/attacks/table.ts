/**
 * Attacks the server while calls are in progress: the outcome of the attack, the calls, and the memory.
 * @module
 */
import { LOAD_CORE, start } from "../children.ts";
import { rssBytes } from "../cpu.ts";
import type { PacedJob } from "../load/jobs.ts";
import { measure } from "../loads.ts";
import { type Settings, startServer } from "../servers.ts";
import { printCells } from "../table.ts";
import { ATTACKS } from "./attacks.ts";

const CALLS = 10;
const SETTINGS: Settings = {
  WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8",
  JAMBONZ_RECONNECT_WAIT_MS: "500",
  // All attackers have one address here.
  LIMIT_CONNECTIONS_PER_ADDRESS: "100000",
};
const MIB = 1024 ** 2;
const LOOK_EVERY_MS = 50;
const SHORTEST_MS = 2000;

/** Runs every attack, or those whose names contain `part`, on each transport, and prints a table. */
export async function printAttacks(part = ""): Promise<void> {
  for (const transport of ["native", "hardened"]) {
    const rows: string[][] = [];
    for (const name of Object.keys(ATTACKS).filter((name) => name.includes(part))) {
      rows.push([name, ...await attacked(name, { ...SETTINGS, TRANSPORT: transport })]);
    }
    printCells(`Attacks on ${transport}, while ${CALLS} calls go on`, [
      ["attack", "outcome", "frames lost", "p99, ms", "memory, MiB"],
      ...rows,
    ]);
  }
}

async function attacked(name: string, settings: Settings): Promise<string[]> {
  await using server = await startServer("tipring", settings);
  const { port, pid } = server;
  const before = rssBytes(pid);
  let most = before;
  const looking = setInterval(() => most = Math.max(most, rssBytes(pid)), LOOK_EVERY_MS);
  const attacker = start("attacks/attacker.ts", [name, String(port)], {
    core: LOAD_CORE,
    piped: true,
  });
  let running = true;
  const outcome = new Response(attacker.process.stdout).text().finally(() => running = false);
  let lost = 0;
  let p99 = 0;
  do {
    const report = await measure(job(port, pid));
    lost += report.sent - report.back;
    p99 = Math.max(p99, report.p99);
  } while (running);
  clearInterval(looking);
  const said = JSON.parse(await outcome);
  await attacker.stop();
  return [said, String(lost), p99.toFixed(1), ((most - before) / MIB).toFixed(0)];
}

function job(port: number, pid: number): PacedJob {
  return {
    kind: "paced",
    port,
    pid,
    echo: "tipring",
    calls: CALLS,
    framesPerWrite: 1,
    warmMs: 100,
    measureMs: SHORTEST_MS,
    drainMs: 1000,
  };
}
