/**
 * The event log: every event of every record, in one order: that in which they were persisted.
 * @module
 */
import type { Bounds } from "../access/bounds.ts";
import type { LineName } from "../calls/call_record.ts";
import type { Party } from "../contracts/agreement.ts";

/** The line of a call and the numbers at its ends, as the platform sent them. */
export interface CallEnds {
  readonly line: LineName;
  /** Null when the number is withheld. */
  readonly from: string | null;
  readonly to: string | null;
}

/** One event of any record, as it is stored. */
export interface StoredEvent {
  /** Grows with every event: a reader continues after the last id that it read. */
  readonly id: number;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
  readonly callId: string | null;
  /** The event's number in its call's record. */
  readonly callSeq: number | null;
  readonly contractId: string | null;
  /** Whether it goes to every client, and not only to the contract's parties. */
  readonly toEveryone: boolean;
  /** As it was stored. `events/client_events.ts` turns it into what clients get. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The call that the event starts or ends; null for all others. */
  readonly call: CallEnds | null;
  /** The parties of the contract that the event is about. */
  readonly parties: readonly Party[] | null;
}

/** Selects events. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly callId?: string;
  readonly contractId?: string;
  /** Events for this client: of its contracts, and events for everyone. */
  readonly clientId?: string;
  /** Only events of contracts of these clients, and of calls to these numbers. */
  readonly bounds?: Bounds | undefined;
}

/** Events that were persisted together: their ids have no gap. */
export interface Logged {
  readonly firstId: number;
  readonly lastId: number;
  readonly types: ReadonlySet<string>;
}

/** Reads the log. */
export interface EventLog {
  /** The events after this id, oldest first. */
  after(id: number, filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>;
  /** The id of the last event, or 0. */
  lastId(): Promise<number>;
}
