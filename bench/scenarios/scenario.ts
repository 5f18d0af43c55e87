/**
 * What every scenario is given, and how it compares the two servers.
 * @module
 */
import type { Echo } from "../load/call.ts";
import { type Server, startServer } from "../servers.ts";
import type { Row } from "../table.ts";

/** How much is measured. */
export interface Plan {
  readonly rounds: number;
  /** Of one measurement. */
  readonly measureMs: number;
}

/** Something to measure. */
export interface Scenario {
  readonly title: string;
  run(plan: Plan): Promise<Row[]>;
}

/** The reports of both servers, round by round. */
export type Compared<Report> = Readonly<Record<Echo, Report[]>>;

/** Measures one server and the other in turn, so that what changes on the machine hits both. */
export async function compare<Report>(
  rounds: number,
  measureOne: (server: Server) => Promise<Report>,
): Promise<Compared<Report>> {
  await using bare = await startServer("bare");
  await using tipring = await startServer("tipring");
  const reports: Compared<Report> = { bare: [], tipring: [] };
  for (let round = 0; round < rounds; round++) {
    for (const server of [bare, tipring]) reports[server.echo].push(await measureOne(server));
  }
  return reports;
}

/** A row out of the reports of both. */
export function row<Report>(
  measure: string,
  reports: Compared<Report>,
  of: (report: Report) => number,
): Row {
  return { measure, bare: reports.bare.map(of), tipring: reports.tipring.map(of) };
}
