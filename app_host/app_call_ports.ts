/**
 * What the calls of apps are built from.
 * @module
 */
import type { Calls } from "../calls/calls.ts";
import type { Contracts } from "../contracts/contracts.ts";
import type { Log } from "../log.ts";
import type { Recordings } from "../recordings/recordings.ts";

/** The services that a call of an app needs, on every line. */
export interface AppCallPorts {
  readonly calls: Calls;
  readonly contracts: Contracts;
  readonly recordings: Recordings;
  readonly log: Log;
  readonly now: () => Date;
  readonly failed: (error: unknown) => void;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}
