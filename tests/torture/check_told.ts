/**
 * Watchers and parties: they received everything once, and nothing that is not recorded.
 * @module
 */
import { equal } from "@std/assert";
import type { Json, Logs, PartyLog, Resumption, WatchLog } from "./logs.ts";
import type {
  DatabaseRecord,
  RecordedCall,
  RecordedContractEvent,
  RecordedEvent,
} from "./record.ts";

/** The faults of messages to watchers and parties. */
export function* toldFaults(logs: Logs, record: DatabaseRecord): Generator<string> {
  const calls = new Map(record.calls.map((call) => [call.id, call]));
  for (const log of logs.watches) {
    const call = calls.get(log.callId);
    const name = `${log.userId} watching ${call?.platformId ?? log.callId}`;
    if (call === undefined) yield `${name}: the call is not in the record`;
    else for (const fault of watchFaults(log, call)) yield `${name}: ${fault}`;
  }
  for (const log of logs.parties) {
    for (const fault of partyFaults(log, record)) yield `party ${log.clientId}: ${fault}`;
  }
}

function* watchFaults(log: WatchLog, call: RecordedCall): Generator<string> {
  // The record may have transcripts after the end; for watchers the end is the last message.
  const end = call.events.findIndex(({ type }) => type === "ended") + 1;
  const recorded = call.events.slice(0, end || undefined).map((event) => messageOf(event, call))
    .filter((message) => message !== undefined);
  yield* streamFaults(log, recorded, "seq");
  if (!log.endHeard) yield "never heard the end of the call";
  for (const { id, type, acks } of log.asks) {
    const wanted = type === "client:endCall" ? "end_requested" : "join_requested";
    const times = call.events.filter(({ type, actor, data }) =>
      type === wanted && actor === `user ${log.userId}` && data["messageId"] === id
    ).length;
    if (acks > 0 && times === 0) {
      yield `${id} was acknowledged, not recorded`;
    }
    if (times > 1) {
      yield `${id} acted ${times} times`;
    }
  }
}

function* partyFaults(log: PartyLog, { news, contracts }: DatabaseRecord): Generator<string> {
  const mine = new Set(
    contracts.filter(({ doc }) =>
      (doc["parties"] as { phoneNumber: string }[]).some(({ phoneNumber }) =>
        phoneNumber === log.clientId
      )
    ).map(({ id }) => id),
  );
  const recorded = news.filter(({ type, toEveryone, contractId }) =>
    TOLD_TYPES.includes(type) && (toEveryone || mine.has(contractId))
  );
  yield* streamFaults(log, recorded.map(updateOf), "event_id");
}

/** The notifications document has only these types. */
const TOLD_TYPES = ["contract_changed", "payment_changed"];

/** The faults of a numbered stream, read from its beginning. */
export function* streamFaults(
  { told, sockets }: { told: readonly Json[]; sockets: readonly Resumption[] },
  recorded: readonly Json[],
  number: "seq" | "event_id" | "id",
): Generator<string> {
  for (const { after, numbers } of sockets) {
    let last = after;
    for (const next of numbers) {
      if (next <= last) yield `was told ${number} ${next} after ${last}`;
      last = next;
    }
  }
  const byNumber = new Map(recorded.map((message) => [message[number], message]));
  for (const message of told) {
    const kept = byNumber.get(message[number]);
    if (kept === undefined) yield `was told ${JSON.stringify(message)}, which is not recorded`;
    else if (!equal(kept, message)) {
      yield `was told ${JSON.stringify(message)}, recorded is ${JSON.stringify(kept)}`;
    }
  }
  const heard = new Set(told.map((message) => message[number]));
  // At the end of a run every client has had the time to receive everything.
  for (const message of recorded) {
    if (!heard.has(message[number])) yield `missed ${JSON.stringify(message)}`;
  }
}

/** An event as a message of the live calls document; most are not for watchers. */
function messageOf(event: RecordedEvent, { doc }: RecordedCall): Json | undefined {
  const { seq, data } = event;
  const timestamp = new Date(event.at).toISOString();
  switch (event.type) {
    case "started":
      return {
        type: "event:start",
        phone: doc["fromE164"] ?? doc["from"] ?? "withheld",
        timestamp,
        seq,
      };
    case "transcript":
      return { type: "transcript", ...data, seq };
    case "screening_ended":
      return { type: "event:end", msg: data["msg"], seq };
    case "ended":
      return { type: "event:callEnd", timestamp, seq };
    default:
      return undefined;
  }
}

/** A change as a message of the notifications document. */
function updateOf({ id, at, type, contractId, data }: RecordedContractEvent): Json {
  const common = {
    contract_id: contractId,
    status: data["status"],
    timestamp: String(Math.floor(at / 1000)),
    event_id: id,
  };
  return type === "contract_changed"
    ? { type: "contract_update", ...common }
    : { type: "payment_update", ...common, amount: Number(data["amountMinorUnits"]) / 100 };
}
