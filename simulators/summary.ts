/**
 * What many conversations of a simulator come to.
 * @module
 */
import type { Fault } from "./rules.ts";

/** What one conversation came to. */
export interface Report {
  /** Who it was: the session id, the call_sid, the token, the client. */
  readonly who: string;
  /** Every rule that the server broke. */
  readonly faults: readonly Fault[];
  /** How long answers took: echoed frames, acks, pongs, in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** Frames of audio: only where the door carries it. */
  readonly frames?: Frames;
  /** What is to be said of it beside, such as `answered`. */
  readonly facts?: Readonly<Record<string, number | string | boolean>>;
}

/** Frames of audio that were sent, and what came back of them. */
export interface Frames {
  readonly sent: number;
  readonly back: number;
  /** Sent while the server echoed, and never come back. */
  readonly lost: number;
  /** Come back later than is of use. */
  readonly late: number;
}

/** Many conversations in numbers. */
export interface Summary {
  readonly conversations: number;
  readonly withFaults: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly roundTrips: { readonly count: number; readonly p50: number; readonly p99: number };
  readonly frames?: Frames;
}

/** Sums conversations up. */
export function summarise(reports: readonly Report[]): Summary {
  const faults: Record<string, number> = {};
  for (const { rule } of reports.flatMap((report) => report.faults)) {
    faults[rule] = (faults[rule] ?? 0) + 1;
  }
  const sorted = Float64Array.from(reports.flatMap(({ roundTripsMs }) => roundTripsMs)).sort();
  const framed = reports.flatMap(({ frames }) => frames === undefined ? [] : [frames]);
  const total = (name: keyof Frames) => framed.reduce((sum, frames) => sum + frames[name], 0);
  return {
    conversations: reports.length,
    withFaults: reports.filter(({ faults }) => faults.length > 0).length,
    faults,
    roundTrips: {
      count: sorted.length,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
    },
    ...(framed.length === 0 ? {} : {
      frames: {
        sent: total("sent"),
        back: total("back"),
        lost: total("lost"),
        late: total("late"),
      },
    }),
  };
}

/** A summary in lines for a person. */
export function summaryLines(summary: Summary): string[] {
  const { conversations, withFaults, roundTrips, frames } = summary;
  const lines = [`conversations  ${conversations}, of which ${withFaults} with faults`];
  if (roundTrips.count > 0) {
    const { count, p50, p99 } = roundTrips;
    lines.push(`round trips    ${count}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  }
  if (frames !== undefined) {
    const { sent, back, lost, late } = frames;
    lines.push(`frames         ${sent} sent, ${back} back, ${lost} lost, ${late} late`);
  }
  for (const [rule, count] of Object.entries(summary.faults)) {
    lines.push(`broken         ${rule} (${count})`);
  }
  if (withFaults === 0) lines.push("rules          all kept");
  return lines;
}

function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
