/**
 * What a load process can be asked to do, and what it reports.
 * @module
 */
import type { RoundTrips } from "../quantiles.ts";
import type { Echo } from "./call.ts";

/** One frame in flight on each call. */
export interface EchoJob {
  readonly kind: "echo";
  readonly port: number;
  readonly pid: number;
  readonly echo: Echo;
  readonly calls: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What an echo job reports. */
export interface EchoReport {
  readonly framesPerSecond: number;
  readonly cpuMicrosPerFrame: number;
  /** The share of one core that the server used. */
  readonly serverBusy: number;
}

/** One frame every 20 ms on each call. */
export interface PacedJob extends Omit<EchoJob, "kind"> {
  readonly kind: "paced";
  /** More than one where the load would otherwise cost more than the server. */
  readonly framesPerWrite: number;
  /** How long to wait for frames that are still out. */
  readonly drainMs: number;
}

/** What a paced job reports of the frames that were sent while it measured. */
export interface PacedReport extends RoundTrips {
  readonly sent: number;
  readonly back: number;
  /** Came back more than one frame's length, 20 ms, after they were sent. */
  readonly late: number;
  /** Came back within 300 ms. */
  readonly useful: number;
  readonly sentPerSecond: number;
  readonly cpuMicrosPerFrame: number;
  readonly serverBusy: number;
  /** The share of one core that the load itself used. */
  readonly loadBusy: number;
  /** The longest that the load itself kept a message waiting: latencies hold that much of its own. */
  readonly ownDelayMs: number;
}

/** New jambonz calls: a socket each, and a session:new on it. */
export interface SessionsJob {
  readonly kind: "sessions";
  readonly port: number;
  readonly pid: number;
  readonly echo: Echo;
  readonly calls: number;
}

/** What a sessions job reports. */
export interface SessionsReport {
  readonly socketsPerSecond: number;
  readonly cpuMicrosPerSocket: number;
  readonly acksPerSecond: number;
  readonly cpuMicrosPerAck: number;
}

/** Clients of the notifications door, each told of payments. */
export interface ListenJob {
  readonly kind: "listen";
  readonly port: number;
  readonly clients: number;
}

/** What a listen job reports of each update, when all have heard it. */
export interface HeardReport {
  /** As `Date.now()` has it. */
  readonly lastAtMs: number;
}

/** Sockets that say nothing. */
export interface IdleJob {
  readonly kind: "idle";
  readonly port: number;
  readonly paths: readonly string[];
}

/** Calls with audio both ways, whose callers interrupt prompts. */
export interface BargeInJob {
  readonly kind: "barge-in";
  readonly port: number;
  readonly calls: number;
  readonly measureMs: number;
}

/** What a barge-in job reports: how long after a key a prompt went on, as round trips. */
export interface BargeInReport extends RoundTrips {
  readonly interruptions: number;
}

/** Anything that a load process can be asked to do. */
export type Job = EchoJob | PacedJob | SessionsJob | ListenJob | IdleJob | BargeInJob;
