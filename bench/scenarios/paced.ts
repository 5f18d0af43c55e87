/**
 * Calls in real time: a frame of 20 ms each way every 20 ms.
 * @module
 */
import { compare, measurePaced, row, type Scenario } from "./scenario.ts";

const CALLS = 200;

/** 200 calls in real time. */
export const paced: Scenario = {
  title: `${CALLS} paced calls, a 320-byte frame every 20 ms each way`,
  async run({ rounds, measureMs }) {
    const reports = await compare(rounds, (server) => measurePaced(server, CALLS, measureMs));
    return [
      row("round trip p50, ms", reports, ({ p50 }) => p50),
      row("round trip p99, ms", reports, ({ p99 }) => p99),
      row("round trip p99.9, ms", reports, ({ p999 }) => p999),
      row("lost frames", reports, ({ sent, back }) => sent - back),
      row("late frames (> 20 ms)", reports, ({ late }) => late),
      row("server CPU, µs/frame", reports, ({ cpuMicrosPerFrame }) => cpuMicrosPerFrame),
    ];
  },
};
