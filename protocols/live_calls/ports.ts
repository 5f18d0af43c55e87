/**
 * What a watcher's session needs from the world, and what the server tells it.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";

/** What the server tells the protocol. */
export type LiveCallsNotice =
  | { readonly kind: "recorded"; readonly event: RecordEvent; readonly call: CallRecord }
  | { readonly kind: "outcome"; readonly messageId: string; readonly outcome: Outcome };

/** What a watcher's session needs from the world. Every method returns at once. */
export interface LiveCallsPorts {
  /** The record so far. Every later event comes as a notice, none of them twice. */
  readonly past: readonly RecordEvent[];
  readonly call: CallRecord;
  /** Whether each message has the `seq` of its event: this watcher resumes after one. */
  readonly numbered: boolean;
  /** Asks to join or end the call; the notice `outcome` follows. */
  ask(what: "join" | "end", messageId: string): void;
}
