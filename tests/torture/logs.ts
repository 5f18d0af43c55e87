/**
 * The clients' logs of what they did and received: the checks compare the record with these only.
 * @module
 */

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A call of a telephone platform. */
export interface InboundLog {
  readonly sessionId: string;
  readonly from: string;
  readonly to: string;
  /** Whether the server sent `answer`. */
  answered: boolean;
  /** Keys that the caller pressed, in order. */
  digits: string;
  /** Whether the server hung up. */
  hangupHeard: boolean;
  hangupSent: boolean;
  cdr: Json | null;
  /** The close code of the socket; null while it is open. */
  closedWith: number | null;
}

/** An action of a caller on a jambonz call, and whether it was acked. */
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
  /** The acks of `session:new` or `session:reconnect`, and how many had verbs. */
  acks: number;
  greetings: number;
  /** Acks of `session:reconnect` alone. */
  reconnects: number;
  readonly hooks: HookLog[];
  /** How it ended, if we ended it. */
  ending: "on" | "completed" | "closed" | "vanished";
}

/** One socket that resumed after a number, and the numbers that it received. */
export interface Resumption {
  readonly after: number;
  readonly numbers: number[];
}

/** A request of a watcher. */
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
  /** Every message with a number. */
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

/** A POST or PUT with all its answers: a repetition gets the same one. */
export interface RequestLog {
  readonly what: string;
  readonly key: string | null;
  readonly answers: { readonly status: number; readonly body: string }[];
}

/** A contract and its payment, as their creator knows them. */
export interface DealLog {
  /** The product, unique among the contracts. */
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

/** The words that an external recogniser posted on a call. */
export interface SegmentLog {
  readonly callId: string;
  /** The text, unique in the run. */
  readonly text: string;
  /** Its number in the record, from the answer; null before. */
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

/** The deliveries to a webhook's receiver. */
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

/** Empty logs. */
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
