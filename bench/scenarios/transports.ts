/**
 * Both transports side by side: frames as fast as possible, and more and more paced calls, through
 * the door and through the app apps/echo.ts.
 * @module
 */
import type { PacedReport } from "../load/jobs.ts";
import { measure } from "../loads.ts";
import { HARDENED, NOTHING_DROPPED, type Server, type Settings, startServer } from "../servers.ts";
import type { Row } from "../table.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const CALLS = [200, 500, 1000, 1250];
const ECHO_APP = { APP: "apps/echo.ts" };
const NAMES = ["door, native", "door, hardened", "app, native", "app, hardened"];
const SETTINGS: readonly Settings[] = [{}, HARDENED, ECHO_APP, { ...ECHO_APP, ...HARDENED }];

/** Native and hardened. */
export const transports: Scenario = {
  title: "Both transports: echo as fast as it goes, and paced calls",
  async run({ rounds, measureMs }) {
    return [...await echoed(rounds, measureMs), ...await paced(rounds, measureMs)];
  },
};

async function echoed(rounds: number, measureMs: number): Promise<Row[]> {
  await using servers = await Servers.start(SETTINGS.slice(0, 2), NOTHING_DROPPED);
  const micros = await servers.inTurn(rounds, async ({ port, pid, echo }) => {
    const job = { port, pid, echo, calls: 64, warmMs: 500, measureMs } as const;
    return (await measure({ kind: "echo", ...job })).cpuMicrosPerFrame;
  });
  return rowsOf("echo: server CPU, µs/frame", micros, (number) => number);
}

async function paced(rounds: number, measureMs: number): Promise<Row[]> {
  await using servers = await Servers.start(SETTINGS);
  const rows: Row[] = [];
  for (const calls of CALLS) {
    const reports = await servers.inTurn(
      rounds,
      (server) => measurePaced(server, calls, measureMs),
    );
    const lost = ({ sent, back }: PacedReport) => sent - back;
    rows.push(
      ...rowsOf(`${calls} calls: p99, ms`, reports, ({ p99 }) => p99),
      ...rowsOf(`${calls} calls: CPU, µs/frame`, reports, (report) => report.cpuMicrosPerFrame),
      ...rowsOf(`${calls} calls: lost frames`, reports, lost),
    );
  }
  return rows;
}

/** The bare server first, then one for each of the settings: a row for each, beside the bare one. */
function rowsOf<Report>(
  measure: string,
  [bare, ...others]: readonly Report[][],
  of: (report: Report) => number,
): Row[] {
  return others.map((reports, index) => ({
    measure: `${measure}, ${NAMES[index]}`,
    bare: bare!.map(of),
    tipring: reports.map(of),
  }));
}

/** The bare server, and one for each of the settings. */
class Servers implements AsyncDisposable {
  readonly #servers: Server[] = [];

  static async start(settings: readonly Settings[], all: Settings = {}): Promise<Servers> {
    const servers = new Servers();
    servers.#servers.push(await startServer("bare"));
    for (const each of settings) {
      servers.#servers.push(await startServer("tipring", { ...each, ...all }));
    }
    return servers;
  }

  /** The reports of each server, measured in turn: changes on the machine affect all. */
  async inTurn<Report>(
    rounds: number,
    measureOne: (server: Server) => Promise<Report>,
  ): Promise<Report[][]> {
    const reports: Report[][] = this.#servers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, server] of this.#servers.entries()) {
        reports[index]!.push(await measureOne(server));
      }
    }
    return reports;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
  }
}
