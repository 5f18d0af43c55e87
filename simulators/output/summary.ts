/**
 * Sums up the conversations of a simulator.
 * @module
 */
import type { Fault } from "../rules.ts";

/** The result of one conversation. */
export interface Report {
  /** The session id, the call_sid, the token or the client. */
  readonly who: string;
  /** Every broken rule. */
  readonly faults: readonly Fault[];
  /** Why no server was reached, in words for a person. */
  readonly unreachable?: string | undefined;
  /** Whether the server refused the call: it hung up, or only apologised. */
  readonly refused?: boolean;
  /** Round trips of echoed frames, acks or pongs, in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** Frames of audio, on doors with audio. */
  readonly frames?: Frames;
  /** Round trips of echoed frames, when `roundTripsMs` are others. */
  readonly echoesMs?: readonly number[];
  /** For each key that stopped audible audio: how long the audio went on. */
  readonly bargeInMs?: readonly number[];
  /** Further facts, such as `answered`. */
  readonly facts?: Readonly<Record<string, number | string | boolean>>;
}

/** Counts of frames that were sent and came back. */
export interface Frames {
  readonly sent: number;
  readonly back: number;
  /** Sent between two echoes, without an echo of their own. */
  readonly lost: number;
  /** Came back too late. */
  readonly late: number;
}

/** The sums of many conversations. */
export interface Summary {
  readonly conversations: number;
  readonly withFaults: number;
  readonly faults: Readonly<Record<string, number>>;
  /** How many calls the server refused, if any. */
  readonly refused?: number;
  readonly roundTrips: Quantiles;
  readonly echoes?: Quantiles;
  readonly bargeIn?: Quantiles;
  readonly frames?: Frames;
}

/** Quantiles of times, in milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** Sums conversations up. */
export function summarise(reports: readonly Report[]): Summary {
  const faults: Record<string, number> = {};
  for (const { rule } of reports.flatMap((report) => report.faults)) {
    faults[rule] = (faults[rule] ?? 0) + 1;
  }
  const refused = reports.filter((report) => report.refused).length;
  const echoes = quantiles(reports.flatMap(({ echoesMs = [] }) => echoesMs));
  const bargeIn = quantiles(reports.flatMap(({ bargeInMs = [] }) => bargeInMs));
  const framed = reports.flatMap(({ frames }) => frames === undefined ? [] : [frames]);
  return {
    conversations: reports.length,
    withFaults: reports.filter(({ faults }) => faults.length > 0).length,
    faults,
    ...(refused === 0 ? {} : { refused }),
    roundTrips: quantiles(reports.flatMap(({ roundTripsMs }) => roundTripsMs)),
    ...(echoes.count === 0 ? {} : { echoes }),
    ...(bargeIn.count === 0 ? {} : { bargeIn }),
    ...(framed.length === 0 ? {} : { frames: totalFrames(framed) }),
  };
}

/** The sum of frame counts. */
export function totalFrames(all: readonly Frames[]): Frames {
  const total = (name: keyof Frames) => all.reduce((sum, frames) => sum + frames[name], 0);
  return {
    sent: total("sent"),
    back: total("back"),
    lost: total("lost"),
    late: total("late"),
  };
}

/** The lines of a summary for a person. */
export function summaryLines(summary: Summary): string[] {
  const { conversations, withFaults, roundTrips, echoes, bargeIn, frames } = summary;
  const lines = [`conversations  ${conversations}, of which ${withFaults} with faults`];
  const times = [["round trips", roundTrips], ["echoes", echoes], ["barge-in", bargeIn]] as const;
  for (const [name, { count, p50, p99 } = NO_TIMES] of times) {
    if (count === 0) continue;
    lines.push(
      `${name.padEnd(15)}${count}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    );
  }
  if (frames !== undefined) {
    const { sent, back, lost, late } = frames;
    lines.push(`frames         ${sent} sent, ${back} back, ${lost} lost, ${late} late`);
  }
  for (const [rule, count] of Object.entries(summary.faults)) {
    lines.push(`broken         ${rule} (${count})`);
  }
  if (summary.refused !== undefined) lines.push(REFUSED);
  if (withFaults === 0) lines.push("rules          all kept");
  return lines;
}

/** A refusal breaks no rule, but is hardly what the author of the app wanted. */
const REFUSED =
  "hint           the server refused the call: its log, or GET /api/v1/calls, has the reason";
const NO_TIMES: Quantiles = { count: 0, p50: 0, p99: 0 };

function quantiles(times: readonly number[]): Quantiles {
  if (times.length === 0) return NO_TIMES;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}
