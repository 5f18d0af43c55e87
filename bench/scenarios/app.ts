/**
 * The cost of a call app: the same calls, echoed by the door itself and by `apps/echo.ts`.
 * @module
 */
import type { PacedReport } from "../load/jobs.ts";
import { startServer } from "../servers.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const CALLS = [200, 400];

/** Paced calls with and without an app. */
export const app: Scenario = {
  title: `${CALLS.join(" and ")} paced calls, echoed by the door and by the app apps/echo.ts`,
  async run({ rounds, measureMs }) {
    await using door = await startServer("tipring");
    await using echo = await startServer("tipring", { APP: "apps/echo.ts" });
    const rows = [];
    for (const calls of CALLS) {
      const doors: PacedReport[] = [];
      const apps: PacedReport[] = [];
      // In turn, so that a change on the machine hits both.
      for (let round = 0; round < rounds; round++) {
        doors.push(await measurePaced(door, calls, measureMs));
        apps.push(await measurePaced(echo, calls, measureMs));
      }
      const cost = apps.map((report, at) =>
        report.cpuMicrosPerFrame / doors[at]!.cpuMicrosPerFrame
      );
      rows.push(
        { measure: `${calls} calls: p99 of the door, ms`, tipring: doors.map(({ p99 }) => p99) },
        { measure: `${calls} calls: p99 of the app, ms`, tipring: apps.map(({ p99 }) => p99) },
        { measure: `${calls} calls: lost by the app`, tipring: apps.map((r) => r.sent - r.back) },
        { measure: `${calls} calls: CPU a frame, app to door`, tipring: cost },
      );
    }
    return rows;
  },
};
