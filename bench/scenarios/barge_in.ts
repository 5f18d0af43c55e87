/**
 * How long a prompt continues after the caller presses a key.
 * @module
 */
import type { BargeInReport } from "../load/jobs.ts";
import { measure } from "../loads.ts";
import { startServer } from "../servers.ts";
import type { Scenario } from "./scenario.ts";

const CALLS = 200;

/** Interrupts prompts. */
export const bargeIn: Scenario = {
  title: `From a key to silence, ${CALLS} calls in the middle of a prompt`,
  async run({ rounds, measureMs }) {
    const app = new URL("../prompting_app.ts", import.meta.url).pathname;
    await using server = await startServer("tipring", { APP: app });
    const reports: BargeInReport[] = [];
    for (let round = 0; round < rounds; round++) {
      reports.push(await measure({ kind: "barge-in", port: server.port, calls: CALLS, measureMs }));
    }
    return [
      { measure: "key to silence p50, ms", tipring: reports.map(({ p50 }) => p50) },
      { measure: "key to silence p99, ms", tipring: reports.map(({ p99 }) => p99) },
      { measure: "key to silence max, ms", tipring: reports.map(({ max }) => max) },
      { measure: "prompts interrupted", tipring: reports.map((report) => report.interruptions) },
    ];
  },
};
