/**
 * The interface of a scenario, and how it measures servers.
 * @module
 */
import type { Echo } from "../load/call.ts";
import type { PacedReport } from "../load/jobs.ts";
import { measure } from "../loads.ts";
import { type Server, type Settings, startServer } from "../servers.ts";
import type { Row } from "../table.ts";

/** How much to measure. */
export interface Plan {
  readonly rounds: number;
  /** The length of one measurement. */
  readonly measureMs: number;
}

/** Something to measure. */
export interface Scenario {
  readonly title: string;
  run(plan: Plan): Promise<Row[]>;
}

/** The reports of both servers, round by round. */
export type Compared<Report> = Readonly<Record<Echo, Report[]>>;

/** Measures both servers in turn, so that a change on the machine hits both. */
export async function compare<Report>(
  rounds: number,
  measureOne: (server: Server) => Promise<Report>,
  settings?: Settings,
): Promise<Compared<Report>> {
  await using bare = await startServer("bare");
  await using tipring = await startServer("tipring", settings);
  const reports: Compared<Report> = { bare: [], tipring: [] };
  for (let round = 0; round < rounds; round++) {
    for (const server of [bare, tipring]) reports[server.echo].push(await measureOne(server));
  }
  return reports;
}

/** A row from the reports of both servers. */
export function row<Report>(
  measure: string,
  reports: Compared<Report>,
  of: (report: Report) => number,
): Row {
  return { measure, bare: reports.bare.map(of), tipring: reports.tipring.map(of) };
}

/** Measures calls with a frame of 20 ms each way every 20 ms. */
export function measurePaced(
  { port, pid, echo }: Server,
  calls: number,
  measureMs: number,
): Promise<PacedReport> {
  const framesPerWrite = 1;
  const times = { warmMs: 500, measureMs, drainMs: 500 };
  return measure({ kind: "paced", port, pid, echo, calls, framesPerWrite, ...times });
}
