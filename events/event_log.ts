/**
 * The event log: every event of every record, in the one order in which they were persisted.
 * @module
 */
import type { LineName } from "../calls/call_record.ts";
import type { Party } from "../contracts/agreement.ts";

/** The line of a call and the numbers at its ends, as the platform said them. */
export interface CallEnds {
  readonly line: LineName;
  /** Null where the caller is withheld. */
  readonly from: string | null;
  readonly to: string | null;
}

/** One event of any record. */
export interface StoredEvent {
  /** Grows with every event; what a reader remembers to go on from. */
  readonly id: number;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
  readonly callId: string | null;
  /** The event's number in its call's record. */
  readonly callSeq: number | null;
  readonly contractId: string | null;
  /** Whether every client is told, and not only the contract's parties. */
  readonly toEveryone: boolean;
  /** As it was kept. What the outside is told is made of it by `events/told.ts`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The call that the event begins or ends; null for all others. */
  readonly call: CallEnds | null;
  /** The parties of the contract that the event is about. */
  readonly parties: readonly Party[] | null;
}

/** Which events are asked for. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly callId?: string;
  readonly contractId?: string;
  /** What this client is or was told: its contracts, and what goes to everyone. */
  readonly clientId?: string;
}

/** Reads the log. */
export interface EventLog {
  /** Events with a larger id, oldest first. */
  after(id: number, filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>;
  /** The id of the last event, or 0. */
  lastId(): Promise<number>;
}
