/**
 * The ledgers of all actors. They derive the expected items from the events of the record, independently
 * of the server's doors.
 * @module
 */
import type { LiveCallsWire } from "../protocols/live_calls/messages.ts";
import type { HeardUpdate } from "../simulators/people/party.ts";
import type { Received } from "../simulators/peer/peer_socket.ts";
import type { Item, Ledger } from "./count.ts";
import type { DemoRecord, RecordedCall, RecordedChange, RecordedEvent } from "./record_reader.ts";

/** A message to a watcher. */
export type WatcherMessage = Received<LiveCallsWire>;

/** Items that were acknowledged, named after their call. */
export const promised = {
  call: (platformId: string): Item => ({ key: `call ${platformId}` }),
  key: (platformId: string, digit: string): Item => ({ key: `key ${digit} on ${platformId}` }),
  cdr: (platformId: string, says: unknown): Item => ({ key: `CDR of ${platformId}`, says }),
  contract: (platformId: string): Item => ({ key: `contract of ${platformId}` }),
  payment: (platformId: string): Item => ({ key: `payment of ${platformId}` }),
  signature: (platformId: string, phone: string): Item => ({
    key: `signature of ${phone} on ${platformId}`,
  }),
  settled: (platformId: string, status: string): Item => ({
    key: `payment of ${platformId} is ${status}`,
  }),
  words: (platformId: string, says: string): Item => ({ key: `words on ${platformId}`, says }),
} as const;

/** The ledger of a watcher: each event for watchers, once. */
export function watcherLedger(
  who: string,
  call: RecordedCall,
  received: readonly WatcherMessage[],
): Ledger {
  const due = call.events.map((event) => messageOf(event, call)).filter((of) => of !== undefined);
  return { who, due: due.map(numbered), found: received.map(numbered) };
}

/** The ledger of a party: its contracts, and all payments. */
export function partyLedger(
  who: string,
  client: string,
  { contracts, changes }: DemoRecord,
  received: readonly HeardUpdate[],
): Ledger {
  const mine = new Set(
    contracts.filter(({ parties }) => parties.some(({ phone_number }) => phone_number === client))
      .map(({ contract_id }) => contract_id),
  );
  const due = changes.filter(({ type, contract_id }) =>
    type === "payment_changed" || type === "contract_changed" && mine.has(contract_id)
  );
  return { who, due: due.map(updateOf).map(numbered), found: received.map(numbered) };
}

/** The ledger of acknowledgements to the platforms: calls, keys, CDRs. */
export function platformLedger(who: string, { calls }: DemoRecord, due: readonly Item[]): Ledger {
  const found = calls.flatMap(({ line, platformId, events }) => [
    promised.call(platformId),
    ...events.flatMap(({ type, data }) => {
      // The inbound platform receives no acks for its keys.
      if (type === "dtmf" && line === "jambonz") {
        return [promised.key(platformId, String(data["digit"]))];
      }
      if (type === "cdr" && data["received"] !== undefined) {
        return [promised.cdr(platformId, data["received"])];
      }
      return [];
    }),
  ]);
  return { who, due, found };
}

/** The ledger of the deals: one contract and one payment each, with their changes. */
export function dealLedger(who: string, record: DemoRecord, due: readonly Item[]): Ledger {
  const found = record.contracts.flatMap(({ contract_id, signedBy, payments }) => {
    const call = record.calls.find((call) => contractsOf(call).includes(contract_id));
    if (call === undefined) return [{ key: `contract ${contract_id} of no call` }];
    const { platformId } = call;
    return [
      promised.contract(platformId),
      ...signedBy.map((phone) => promised.signature(platformId, phone)),
      ...payments.map(() => promised.payment(platformId)),
      ...record.changes.filter((of) =>
        of.type === "payment_changed" && of.contract_id === contract_id
      )
        .map(({ data }) => data.status).filter((status) => status !== "pending")
        .map((status) => promised.settled(platformId, status)),
    ];
  });
  return { who, due, found };
}

/** The ledger of the recogniser's transcripts. */
export function transcriptLedger(who: string, { calls }: DemoRecord, due: readonly Item[]): Ledger {
  const found = calls.flatMap(({ platformId, events }) =>
    events.filter(({ type, actor }) => type === "transcript" && actor === "local")
      .map(({ data }) => promised.words(platformId, String(data["msg"])))
  );
  return { who, due, found };
}

/** The ids of the contracts that a call's app opened. */
export function contractsOf({ events }: RecordedCall): string[] {
  const opened = events.filter(({ type, data }) =>
    type === "note" && data["text"] === "contract opened"
  );
  return [...new Set(opened.map(({ data }) => String(data["contract_id"])))];
}

function numbered(message: WatcherMessage | HeardUpdate): Item {
  if ("event_id" in message) return { key: `event ${message.event_id}`, says: message };
  return { key: `seq ${"seq" in message ? message.seq : "?"}`, says: message };
}

/**
 * An event as a message of the live calls document; undefined for most, which are not for watchers.
 */
function messageOf(event: RecordedEvent, call: RecordedCall): WatcherMessage | undefined {
  const { type, seq, at: timestamp, data } = event;
  switch (type) {
    case "started":
      return {
        type: "event:start",
        phone: call.fromE164 ?? call.from ?? "withheld",
        timestamp,
        seq,
      };
    case "transcript":
      return { type: "transcript", ...data, seq } as WatcherMessage;
    case "screening_ended":
      return { type: "event:end", msg: String(data["msg"]), seq };
    case "ended":
      return { type: "event:callEnd", timestamp, seq };
    default:
      return undefined;
  }
}

/** A change as a message of the notifications document. */
function updateOf({ id: event_id, at, type, contract_id, data }: RecordedChange): HeardUpdate {
  const { status } = data;
  // Unix seconds as a string.
  const timestamp = String(Math.floor(Date.parse(at) / 1000));
  const common = { contract_id, status, timestamp, event_id };
  if (type === "contract_changed") return { type: "contract_update", ...common };
  return { type: "payment_update", ...common, amount: Number(data["amount"]) };
}
