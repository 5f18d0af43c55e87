/**
 * One frame in flight on each of 64 calls: the cost of one frame.
 * @module
 */
import { measure } from "../loads.ts";
import { NOTHING_DROPPED } from "../servers.ts";
import { compare, row, type Scenario } from "./scenario.ts";

/** Echo as fast as it goes. */
export const echo: Scenario = {
  title: "Echo of 320-byte frames, 64 calls, one frame in flight on each",
  async run({ rounds, measureMs }) {
    const reports = await compare(
      rounds,
      ({ port, pid, echo }) =>
        measure({ kind: "echo", port, pid, echo, calls: 64, warmMs: 500, measureMs }),
      NOTHING_DROPPED,
    );
    return [
      row("frames/s", reports, ({ framesPerSecond }) => framesPerSecond),
      row("server CPU, µs/frame", reports, ({ cpuMicrosPerFrame }) => cpuMicrosPerFrame),
    ];
  },
};
