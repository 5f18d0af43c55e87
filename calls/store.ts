/**
 * Where the records of calls are kept.
 * @module
 */
import type { Call, CallEvent, NewCallEvent } from "./call.ts";

/** A call's record as it stands on disk. */
export interface CallRecord {
  readonly call: Call;
  readonly events: readonly CallEvent[];
}

/**
 * Keeps records. Each promise resolves when what it is about is durable, in the order in which the
 * methods were called.
 */
export interface CallStore {
  /** Opens the record of a call. */
  begin(call: Call): Promise<void>;
  /** Numbers an event and puts it at the end of a record. */
  append(callId: string, event: NewCallEvent, at: Date): Promise<CallEvent>;
}
