/**
 * What clients read in pages: lists, records, exports and replays. An engine reads them away from the
 * thread that carries audio, and makes their text there. Each read looks at a bounded number of rows,
 * so a long list is many reads, and stops where its reader stops.
 * @module
 */
import type { Bounds } from "../access/bounds.ts";
import type { RecordEvent } from "../calls/call_record.ts";
import type { CallQuery } from "../calls/store.ts";
import type { ContractStatus } from "../contracts/contract.ts";
import type { SentEvent } from "../events/client_events.ts";
import type { EventFilter, StoredEvent } from "../events/event_log.ts";
import type { DeliveryState } from "../webhooks/webhook.ts";

/** A part of a list, as text in UTF-8. */
export interface Part<Key> {
  /** Complete items: JSON with commas between them, or lines, or messages of an event stream. */
  readonly items: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** The place of the last item; null when there is none. */
  readonly last: Key | null;
  /** Everything up to this place has been looked at. */
  readonly seen: Key;
  /**
   * What follows: `some` items, or `none`. Or it is `unread`, since the part was full or had looked at
   * enough rows: another part begins after `seen`.
   */
  readonly rest: "some" | "none" | "unread";
}

/** The place of a call in the call log. */
export interface CallKey {
  readonly startedAt: Date;
  readonly id: string;
}

/** How calls are written: as entries of the call log, or their CDRs in one of three forms. */
export type CallForm = "entry" | "cdr" | "cdr line" | "cdr csv";

/** Selects calls, and how they are written. CDRs skip calls that have none. */
export interface CallPage extends CallQuery {
  readonly form: CallForm;
}

/** Selects contracts, newest first. */
export interface ContractPage {
  readonly limit: number;
  /** Begins after this contract, by its number. */
  readonly after?: number;
  /** How many to skip first. */
  readonly offset: number;
  readonly status?: ContractStatus;
  /** A party's number, in E.164. */
  readonly phoneNumber?: string;
  /** Only contracts with one of these parties, in the form in which parties are found. */
  readonly clients?: readonly string[] | undefined;
  /** The `total` of the part before: the matching contracts are counted once for a list, not for each part. */
  readonly total?: number | undefined;
}

/** A part of the contracts. */
export interface ContractPart extends Part<number> {
  /** How much of the offset is left for the next part. */
  readonly offset: number;
  /** The number of all matching contracts. */
  readonly total: number;
}

/** The place of a payment among those of its contract. */
export interface PaymentKey {
  readonly createdAt: number;
  readonly row: number;
}

/** Selects a webhook's deliveries, the latest event first. */
export interface DeliveryPage {
  readonly webhookId: string;
  readonly state?: DeliveryState;
  /** Only of events before this one. */
  readonly beforeEventId?: number;
  readonly limit: number;
}

/** Selects a part of a call's record, oldest first. */
export interface RecordPage {
  readonly callId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Selects a part of the event log, oldest first. */
export interface EventPage {
  readonly afterId: number;
  readonly filter: EventFilter;
  readonly limit: number;
  /** JSON, or the messages of an event stream. */
  readonly form: "json" | "stream";
}

/** Selects a part of what a client of the notifications door missed, oldest first. */
export interface UpdatePage {
  readonly afterId: number;
  readonly clientId: string;
  readonly types: readonly string[];
  /** What the key of its socket is for. */
  readonly bounds?: Bounds | undefined;
  readonly limit: number;
}

/** What a client's socket is told of an event. */
export type MissedUpdate = Pick<StoredEvent, "id" | "at" | "type" | "contractId" | "data">;

/** Events themselves: each of them becomes a message of its own, or is encrypted on its own. */
export interface EventPart<Event> {
  readonly events: readonly Event[];
  /** Everything up to this place has been looked at. */
  readonly seen: number;
  /** Whether nothing followed `seen`. */
  readonly isLast: boolean;
}

/** Reads pages. Each read rejects with the signal's reason once it is aborted, and then does nothing. */
export interface Pages {
  /** One part of the call log, newest first. */
  calls(page: CallPage, signal?: AbortSignal): Promise<Part<CallKey>>;
  /** One part of a call's record, as REST shows it. */
  record(page: RecordPage, signal?: AbortSignal): Promise<Part<number>>;
  /** One part of what was said on a call. */
  transcript(page: RecordPage, signal?: AbortSignal): Promise<Part<number>>;
  /** What a watcher hears of a call's record. */
  watched(page: RecordPage, signal?: AbortSignal): Promise<EventPart<RecordEvent>>;
  /** JSON of the CDR as the platform sent it; undefined when it sent none. */
  receivedCdr(callId: string): Promise<string | undefined>;
  /** One part of the contracts. */
  contracts(page: ContractPage, signal?: AbortSignal): Promise<ContractPart>;
  /** One part of a contract's payments, newest first. */
  payments(
    page: { readonly contractId: string; readonly after?: PaymentKey; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<Part<PaymentKey>>;
  /** One part of a webhook's deliveries. */
  deliveries(page: DeliveryPage, signal?: AbortSignal): Promise<Part<number>>;
  /** One part of the event log. */
  events(page: EventPage, signal?: AbortSignal): Promise<Part<number>>;
  /** One part of the event log, for a client that gets each event encrypted. */
  sentEvents(page: Omit<EventPage, "form">, signal?: AbortSignal): Promise<EventPart<SentEvent>>;
  /** What a client of the notifications door missed. */
  updates(page: UpdatePage, signal?: AbortSignal): Promise<EventPart<MissedUpdate>>;
}
