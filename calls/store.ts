/**
 * The store of call records.
 * @module
 */
import type {
  CallRecord,
  CallState,
  LineName,
  NewRecordEvent,
  RecordEvent,
} from "./call_record.ts";

/** Where an event stands among all events of the server. */
export interface Persisted {
  /** The event's id, which grows with every event of any record. */
  readonly id: number;
  readonly event: RecordEvent;
  /** Whether the operation was done before: this is the event that it wrote. */
  readonly repeated: boolean;
}

/** Which calls to list, newest first. */
export interface CallQuery {
  readonly limit: number;
  /** Begins after this call: the last one of the page before. */
  readonly after?: { readonly startedAt: Date; readonly id: string };
  readonly state?: CallState;
  readonly line?: LineName;
  /** As received, or in E.164. */
  readonly from?: string;
  readonly to?: string;
  /** The same in E.164: calls are found by either. */
  readonly fromE164?: string;
  readonly toE164?: string;
  /** Only calls to these numbers, in E.164 or as they are. */
  readonly calledNumbers?: readonly string[] | undefined;
  readonly startedFrom?: Date;
  readonly startedBefore?: Date;
}

/**
 * Stores records. The promise of a write resolves when the write is on disk. Writes keep their order.
 */
export interface CallStore {
  /** Opens the record of a call with its first event. */
  begin(call: CallRecord, first: NewRecordEvent, at: Date): Promise<Persisted>;
  /**
   * Numbers an event and puts it at the end of a record.
   * @param operation names what is done: doing it again writes nothing
   */
  append(callId: string, event: NewRecordEvent, at: Date, operation?: string): Promise<Persisted>;
  /** A call by its id. */
  call(id: string): Promise<CallRecord | undefined>;
  /** A call by its live conversation token. */
  byToken(token: string): Promise<CallRecord | undefined>;
  /** The latest call that a platform calls by this id, over or not. */
  byPlatformId(line: LineName, platformId: string): Promise<CallRecord | undefined>;
  /** The calls that are not over, or whose CDR or recording is not complete. */
  open(): Promise<readonly CallRecord[]>;
  /** The events of a record after the one with this number, oldest first. */
  events(callId: string, afterSeq: number, limit: number): Promise<readonly RecordEvent[]>;
}
