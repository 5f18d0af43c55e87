/**
 * Calls as they are: a frame every 20 ms on each, one call after the other.
 * @module
 */
import { cpuMicros } from "../cpu.ts";
import { roundTrips } from "../quantiles.ts";
import { type Call, openCalls } from "./call.ts";
import type { PacedJob, PacedReport } from "./jobs.ts";
import { OwnDelay } from "./own_delay.ts";
import { sleep } from "./sleep.ts";

const FRAME_MS = 20;
/** What comes back later than this is of no use in a conversation. */
const USEFUL_MS = 300;
/** So long at most is sent without reading what has come back. */
const TURN_MS = 4;
/** A load that could not keep pace does not make up for more than this at once. */
const FRAMES_AT_ONCE = 10;

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
  const loadBefore = cpuMicros(Deno.pid);
  await pace.until(untilMs);
  const [cpu, sent] = [cpuMicros(job.pid) - cpuBefore, pace.sent - sentBefore];
  const loadCpu = cpuMicros(Deno.pid) - loadBefore;
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
    loadBusy: loadCpu / 1000 / job.measureMs,
    ownDelayMs,
  };
}

/** Sends on each call when frames are due, the calls spread evenly over the time between. */
class Pace {
  sent = 0;
  readonly #calls: readonly Call[];
  readonly #framesPerWrite: number;
  readonly #dueMs: Float64Array;
  #next = 0;

  constructor(calls: readonly Call[], startMs: number, framesPerWrite: number) {
    this.#calls = calls;
    this.#framesPerWrite = framesPerWrite;
    const everyMs = FRAME_MS * framesPerWrite / calls.length;
    this.#dueMs = Float64Array.from(calls, (_, index) => startMs + index * everyMs);
  }

  async until(endMs: number): Promise<void> {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      this.#sendDue(nowMs, Math.min(endMs, nowMs + TURN_MS));
      await sleep(1);
    }
  }

  #sendDue(nowMs: number, endMs: number): void {
    const due = this.#dueMs;
    for (let atMs = nowMs; due[this.#next]! <= nowMs && atMs < endMs; atMs = performance.now()) {
      const behind = Math.floor((nowMs - due[this.#next]!) / FRAME_MS) + this.#framesPerWrite;
      const frames = Math.min(behind, FRAMES_AT_ONCE);
      due[this.#next]! += behind * FRAME_MS;
      this.sent += frames;
      this.#calls[this.#next]!.send(frames, atMs);
      this.#next = (this.#next + 1) % due.length;
    }
  }
}
