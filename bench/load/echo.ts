/**
 * One frame in flight on each call, as fast as the server can.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMicros } from "../cpu.ts";
import { openCalls } from "./call.ts";
import type { EchoJob, EchoReport } from "./jobs.ts";

/** Opens the calls, waits for `begin` and measures. */
export async function runEcho(job: EchoJob, begin: () => Promise<void>): Promise<EchoReport> {
  const calls = await openCalls(job.calls, job.port, job.echo);
  await begin();
  let frames = 0;
  for (const call of calls) {
    call.onEcho = () => {
      frames++;
      call.send();
    };
    call.send();
  }
  await sleep(job.warmMs);
  const [cpuBefore, framesBefore, atMs] = [cpuMicros(job.pid), frames, performance.now()];
  await sleep(job.measureMs);
  const cpu = cpuMicros(job.pid) - cpuBefore;
  const elapsedMs = performance.now() - atMs;
  const done = frames - framesBefore;
  for (const call of calls) call.end();
  return {
    framesPerSecond: done * 1000 / elapsedMs,
    cpuMicrosPerFrame: cpu / done,
    serverBusy: cpu / 1000 / elapsedMs,
  };
}
