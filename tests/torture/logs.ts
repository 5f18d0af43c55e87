/**
 * What the clients did and were told, by their own account: the only thing that the record is
 * measured against.
 * @module
 */

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A call that a telephone platform handed over. */
export interface InboundLog {
  readonly sessionId: string;
  readonly from: string;
  readonly to: string;
  /** We heard `answer`. */
  answered: boolean;
  /** Keys that the caller pressed, in order. */
  digits: string;
  /** The server hung up. */
  hangupHeard: boolean;
  hangupSent: boolean;
  cdr: Json | null;
  /** The code the socket was closed with; null while it is open. */
  closedWith: number | null;
}

/** What a caller did on a jambonz call, and whether we have the ack. */
export interface HookLog {
  readonly digits: string;
  readonly speech: string | null;
  acknowledged: boolean;
}

/** A call of a jambonz server. */
export interface JambonzLog {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** Acks of `session:new` or `session:reconnect`, and how many of them held verbs. */
  acks: number;
  greetings: number;
  /** Acks of `session:reconnect` alone. */
  reconnects: number;
  readonly hooks: HookLog[];
  /** How it ended, as far as we said so. */
  ending: "on" | "completed" | "closed" | "vanished";
}

/** One socket that resumed after a number, and the numbers it heard. */
export interface Resumption {
  readonly after: number;
  readonly numbers: number[];
}

/** Something a watcher asked of the call. */
export interface AskLog {
  readonly type: "client:endCall" | "client:joinCall";
  readonly id: string;
  acks: number;
  errors: number;
}

/** One watcher of one call, over all its sockets. */
export interface WatchLog {
  readonly callId: string;
  readonly token: string;
  readonly userId: string;
  /** Every message that has a number, as it was said. */
  readonly told: Json[];
  readonly sockets: Resumption[];
  readonly asks: AskLog[];
  endHeard: boolean;
}

/** One party on the notifications door, over all its sockets. */
export interface PartyLog {
  readonly clientId: string;
  readonly told: Json[];
  readonly sockets: Resumption[];
}

/** A POST or PUT, and every answer it got: a repetition gets the same one. */
export interface RequestLog {
  readonly what: string;
  readonly key: string | null;
  readonly answers: { readonly status: number; readonly body: string }[];
}

/** A contract and its payment as its maker knows them. */
export interface DealLog {
  /** The product: no other contract has it. */
  readonly product: string;
  readonly phones: readonly string[];
  readonly amount: number;
  contractId: string | null;
  readonly signed: string[];
  paymentId: string | null;
  readonly transactionId: string;
  settled: boolean;
  completed: boolean;
  readonly requests: RequestLog[];
}

/** What an outside recogniser posted on a call. */
export interface SegmentLog {
  readonly callId: string;
  /** Nothing else in the run has this text. */
  readonly text: string;
  /** Its number in the record, as it was answered; null while it is not. */
  seq: number | null;
  readonly requests: RequestLog[];
}

/** One reader of the stream of all events, over all its connections. */
export interface StreamLog {
  /** Null for all. */
  readonly types: readonly string[] | null;
  readonly told: Json[];
  readonly sockets: Resumption[];
}

/** What a webhook's receiver was sent. */
export interface ReceiverLog {
  readonly types: readonly string[];
  readonly deliveries: { readonly id: string; readonly eventId: number }[];
  readonly requests: RequestLog[];
}

/** Everything. */
export interface Logs {
  readonly inbound: InboundLog[];
  readonly jambonz: JambonzLog[];
  readonly watches: WatchLog[];
  readonly parties: PartyLog[];
  readonly deals: DealLog[];
  readonly segments: SegmentLog[];
  readonly streams: StreamLog[];
  readonly receivers: ReceiverLog[];
}

/** Logs of nothing. */
export function emptyLogs(): Logs {
  return {
    inbound: [],
    jambonz: [],
    watches: [],
    parties: [],
    deals: [],
    segments: [],
    streams: [],
    receivers: [],
  };
}
