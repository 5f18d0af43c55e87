/**
 * Twice as many calls as the bare server can serve: how much audio is echoed, and how late.
 * @module
 */
import { measure } from "../loads.ts";
import { median } from "../quantiles.ts";
import { NOTHING_DROPPED } from "../servers.ts";
import { compare, row, type Scenario } from "./scenario.ts";

const FRAMES_PER_SECOND = 50;
/** Many sockets cost more each than few do, as in the overload itself. */
const CAPACITY_CALLS = 1500;
/** The most calls that the load can drive from one core. */
const MAX_CALLS = 3000;
/** Several frames in a write: the load must be cheaper than the server. */
const FRAMES_PER_WRITE = 3;

/** Twice the capacity, in real time. */
export const overload: Scenario = {
  title: "Overload: twice as many paced calls as the bare server can serve",
  async run({ rounds, measureMs }) {
    const most = Math.min(rounds, 2);
    const capacity = await compare(most, async ({ port, pid, echo }) => {
      const { framesPerSecond, serverBusy } = await measure({
        kind: "echo",
        port,
        pid,
        echo,
        calls: CAPACITY_CALLS,
        warmMs: 1500,
        measureMs: 2000,
      });
      return { calls: framesPerSecond / serverBusy / FRAMES_PER_SECOND };
    }, NOTHING_DROPPED);
    const calls = Math.round(2 * median(capacity.bare.map((report) => report.calls)));
    const reports = await compare(most, ({ port, pid, echo }) =>
      measure({
        kind: "paced",
        port,
        pid,
        echo,
        calls: Math.min(calls, MAX_CALLS),
        framesPerWrite: FRAMES_PER_WRITE,
        warmMs: 2000,
        measureMs,
        drainMs: 2 * measureMs,
      }));
    return [
      row("capacity, paced calls", capacity, (report) => Math.round(report.calls)),
      row("offered, frames/s", reports, ({ sentPerSecond }) => sentPerSecond),
      row("round trip p50, ms", reports, ({ p50 }) => p50),
      row("round trip p99, ms", reports, ({ p99 }) => p99),
      row("round trip max, ms", reports, ({ max }) => max),
      row("came back, %", reports, ({ sent, back }) => 100 * back / sent),
      row("came back within 300 ms, %", reports, ({ sent, useful }) => 100 * useful / sent),
      row("the load's own delay, ms", reports, ({ ownDelayMs }) => ownDelayMs),
      row("server, % of its core", reports, ({ serverBusy }) => 100 * serverBusy),
    ];
  },
};
