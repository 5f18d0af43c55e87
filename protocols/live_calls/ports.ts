/**
 * The ports of a watcher's session, and the notices that the server sends it.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";

/** The notices that the server sends the protocol. */
export type LiveCallsNotice =
  | { readonly kind: "recorded"; readonly event: RecordEvent; readonly call: CallRecord }
  | { readonly kind: "outcome"; readonly messageId: string; readonly outcome: Outcome };

/** The ports of a watcher's session. Every method returns at once. */
export interface LiveCallsPorts {
  /** The record so far. Every later event arrives as a notice, once. */
  readonly past: readonly RecordEvent[];
  readonly call: CallRecord;
  /** Whether each message has the `seq` of its event: this watcher resumes after an event. */
  readonly numbered: boolean;
  /** Requests a join or the end of the call; the notice `outcome` follows. */
  ask(what: "join" | "end", messageId: string): void;
}
