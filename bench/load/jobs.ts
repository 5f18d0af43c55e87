/**
 * The jobs of a load process, and their reports.
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
  /** More than one makes the load cheaper than the server. */
  readonly framesPerWrite: number;
  /** How long to wait for the last echoes. */
  readonly drainMs: number;
}

/** What a paced job reports of the frames that it sent during the measurement. */
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
  /** The longest that the load delayed a message of its own: latencies include this much. */
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

/** Clients of the notifications door, which receive payment updates. */
export interface ListenJob {
  readonly kind: "listen";
  readonly port: number;
  readonly clients: number;
}

/** What a listen job reports of each update when all clients have it. */
export interface HeardReport {
  /** `Date.now()` when the last client received it. */
  readonly lastAtMs: number;
}

/** Readers of what they missed, or of one long answer. */
export interface ReplayJob {
  readonly kind: "replay";
  readonly port: number;
  readonly path: string;
  readonly readers: number;
  readonly isSocket: boolean;
  /** A reader has read everything when this text has come. */
  readonly last: string;
}

/** What a replay job reports when all readers have read everything. */
export interface ReplayedReport {
  readonly tookMs: number;
  readonly bytes: number;
}

/** Silent sockets. */
export interface IdleJob {
  readonly kind: "idle";
  readonly port: number;
  readonly paths: readonly string[];
}

/** Calls with audio both ways; the callers interrupt prompts. */
export interface BargeInJob {
  readonly kind: "barge-in";
  readonly port: number;
  readonly calls: number;
  readonly measureMs: number;
}

/** What a barge-in job reports: the times from a key to silence, as round trips. */
export interface BargeInReport extends RoundTrips {
  readonly interruptions: number;
}

/** Any job. */
export type Job = EchoJob | PacedJob | SessionsJob | ListenJob | IdleJob | BargeInJob | ReplayJob;
