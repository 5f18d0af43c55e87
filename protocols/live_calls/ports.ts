/**
 * What a watcher's session needs from the world, and what it is told from inside the server.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";

/** What the protocol is told from inside the server. */
export type LiveCallsNotice =
  | { readonly kind: "recorded"; readonly event: RecordEvent; readonly call: CallRecord }
  | { readonly kind: "outcome"; readonly messageId: string; readonly outcome: Outcome };

/** What a watcher's session needs from the world. Nothing here waits. */
export interface LiveCallsPorts {
  /** The record so far. Every later event comes as a notice, none of them twice. */
  readonly past: readonly RecordEvent[];
  readonly call: CallRecord;
  /** Whether each message has the `seq` of its event: this watcher resumes after one. */
  readonly numbered: boolean;
  /** Asks for the call; the notice `outcome` follows. */
  ask(what: "join" | "end", messageId: string): void;
}
