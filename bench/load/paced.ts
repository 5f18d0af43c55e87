/**
 * Calls in real time: a frame every 20 ms on each.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMicros } from "../cpu.ts";
import { roundTrips } from "../quantiles.ts";
import { openCalls } from "./call.ts";
import type { PacedJob, PacedReport } from "./jobs.ts";
import { OwnDelay } from "./own_delay.ts";
import { FRAME_MS, Pace } from "./pace.ts";

/** Later echoes are of no use in a conversation. */
const USEFUL_MS = 300;

/** Opens the calls, waits for `begin`, paces frames over them and measures. */
export async function runPaced(job: PacedJob, begin: () => Promise<void>): Promise<PacedReport> {
  const calls = await openCalls(job.calls, job.port, job.echo);
  await begin();
  const startMs = performance.now();
  const fromMs = startMs + job.warmMs;
  const untilMs = fromMs + job.measureMs;
  const trips: number[] = [];
  let back = 0;
  for (const call of calls) {
    call.onEcho = (sentAtMs) => {
      back++;
      if (sentAtMs >= fromMs && sentAtMs < untilMs) trips.push(performance.now() - sentAtMs);
    };
  }
  using ownDelay = new OwnDelay();
  const pace = new Pace(calls, startMs, job.framesPerWrite);
  await pace.until(fromMs);
  ownDelay.worstMs = 0;
  const [cpuBefore, sentBefore, backBefore] = [cpuMicros(job.pid), pace.sent, back];
  await pace.until(untilMs);
  const [cpu, sent] = [cpuMicros(job.pid) - cpuBefore, pace.sent - sentBefore];
  const ownDelayMs = ownDelay.worstMs;
  const backMeanwhile = back - backBefore;
  const drainedMs = performance.now() + job.drainMs;
  while (performance.now() < drainedMs && trips.length < sent) await sleep(50);
  for (const call of calls) call.end();
  return {
    ...roundTrips(trips),
    sent,
    back: trips.length,
    late: trips.filter((ms) => ms > FRAME_MS).length,
    useful: trips.filter((ms) => ms <= USEFUL_MS).length,
    sentPerSecond: sent * 1000 / job.measureMs,
    cpuMicrosPerFrame: cpu / backMeanwhile,
    serverBusy: cpu / 1000 / job.measureMs,
    ownDelayMs,
  };
}
