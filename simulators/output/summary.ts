/**
 * What many conversations of a simulator come to.
 * @module
 */
import type { Fault } from "../rules.ts";

/** What one conversation came to. */
export interface Report {
  /** Who it was: the session id, the call_sid, the token, the client. */
  readonly who: string;
  /** Every rule that the server broke. */
  readonly faults: readonly Fault[];
  /** That there was no server, in words for a person: then nothing else was. */
  readonly unreachable?: string | undefined;
  /** Whether the server wanted nothing of the call: it hung up, or only said sorry. */
  readonly refused?: boolean;
  /** How long answers took: echoed frames, acks, pongs, in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** Frames of audio: only where the door carries it. */
  readonly frames?: Frames;
  /** How long echoed frames took, where round trips are something else. */
  readonly echoesMs?: readonly number[];
  /** For each key pressed while the server was heard, how long it was still heard. */
  readonly bargeInMs?: readonly number[];
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
  /** How many calls the server refused: only where there were any. */
  readonly refused?: number;
  readonly roundTrips: Quantiles;
  readonly echoes?: Quantiles;
  readonly bargeIn?: Quantiles;
  readonly frames?: Frames;
}

/** Many times in numbers, in milliseconds. */
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

/** The frames of many. */
export function totalFrames(all: readonly Frames[]): Frames {
  const total = (name: keyof Frames) => all.reduce((sum, frames) => sum + frames[name], 0);
  return {
    sent: total("sent"),
    back: total("back"),
    lost: total("lost"),
    late: total("late"),
  };
}

/** A summary in lines for a person. */
export function summaryLines(summary: Summary): string[] {
  const { conversations, withFaults, roundTrips, echoes, bargeIn, frames } = summary;
  const lines = [`conversations  ${conversations}, of which ${withFaults} with faults`];
  const times = [["round trips", roundTrips], ["echoes", echoes], ["barge-in", bargeIn]] as const;
  for (const [name, { count, p50, p99 } = NO_TIMES] of times) {
    if (count === 0) continue;
    const told = `${count}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    lines.push(`${name.padEnd(15)}${told}`);
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

/** No rule is broken, and yet whoever wrote the app did not want this. */
const REFUSED =
  "hint           the server refused the call: its log, or GET /api/v1/calls, says why";
const NO_TIMES: Quantiles = { count: 0, p50: 0, p99: 0 };

function quantiles(times: readonly number[]): Quantiles {
  if (times.length === 0) return NO_TIMES;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}
