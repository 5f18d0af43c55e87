/**
 * Durable events by several writers, each of which waits for the disk before it writes again:
 * `deno run -A record_writers.ts DATABASE WRITERS MEASURE_MS`. Prints one line of JSON.
 * @module
 */
import type { CallRecord } from "../calls/call_record.ts";
import type { CallStore } from "../calls/store.ts";
import { openSqlite } from "../store/sqlite/open.ts";
import { roundTrips } from "./quantiles.ts";

/** The printed JSON. */
export interface WritersReport {
  readonly eventsPerSecond: number;
  /** From the call of `append` until the event is on disk. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const WARM_MS = 500;

if (import.meta.main) {
  const [path = "", writers = "1", measureMs = "3000"] = Deno.args;
  const store = await openSqlite(path);
  await write(store.calls, Number(writers), WARM_MS);
  const report = await write(store.calls, Number(writers), Number(measureMs));
  await store.close();
  console.log(JSON.stringify(report));
}

async function write(calls: CallStore, writers: number, measureMs: number): Promise<WritersReport> {
  const tookMs: number[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + measureMs;
  await Promise.all(Array.from({ length: writers }, async () => {
    const call = aCall();
    await calls.begin(
      call,
      { type: "started", actor: "line", data: { direction: "inbound" } },
      call.startedAt,
    );
    while (true) {
      const atMs = performance.now();
      if (atMs >= endMs) return;
      const data = { digit: "5", from: "caller" } as const;
      await calls.append(call.id, { type: "dtmf", actor: "line", data }, new Date());
      tookMs.push(performance.now() - atMs);
    }
  }));
  const seconds = (performance.now() - beganMs) / 1000;
  const { p50, p99 } = roundTrips(tookMs);
  return { eventsPerSecond: tookMs.length / seconds, p50Ms: p50, p99Ms: p99 };
}

function aCall(): CallRecord {
  return {
    id: crypto.randomUUID(),
    line: "inbound",
    platformId: crypto.randomUUID(),
    direction: "inbound",
    from: "+254712345678",
    to: "5000",
    fromE164: "+254712345678",
    toE164: null,
    state: "ringing",
    startedAt: new Date(),
    answeredAt: null,
    endedAt: null,
    endedBy: null,
    cdr: null,
    liveConversationToken: crypto.randomUUID(),
    lastSeq: 0,
  };
}
