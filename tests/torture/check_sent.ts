/**
 * The stream of all events, and webhooks: every event reaches its subscribers.
 * @module
 */
import { streamFaults } from "./check_told.ts";
import type { Json, Logs, ReceiverLog } from "./logs.ts";
import type {
  DatabaseRecord,
  RecordedCall,
  RecordedContractEvent,
  RecordedEvent,
} from "./record.ts";

/** The faults of streams and deliveries. */
export function* sentFaults(logs: Logs, record: DatabaseRecord): Generator<string> {
  const events = toldEvents(record);
  for (const log of logs.streams) {
    const wanted = events.filter(({ type }) => log.types?.includes(String(type)) ?? true);
    const name = `stream of ${log.types?.join() ?? "everything"}`;
    for (const fault of streamFaults(log, wanted, "id")) yield `${name}: ${fault}`;
  }
  for (const log of logs.receivers) {
    const wanted = events.filter(({ type }) => log.types.includes(String(type)));
    for (const fault of receiverFaults(log, wanted)) yield `webhook: ${fault}`;
  }
}

/** Deliveries may repeat with the same id. */
function* receiverFaults({ deliveries }: ReceiverLog, wanted: readonly Json[]): Generator<string> {
  const deliveryOf = new Map<number, string>();
  for (const { id, eventId } of deliveries) {
    const before = deliveryOf.get(eventId) ?? id;
    if (before !== id) yield `event ${eventId} was sent as ${before} and as ${id}`;
    deliveryOf.set(eventId, id);
  }
  for (const { id } of wanted) {
    if (!deliveryOf.delete(Number(id))) yield `event ${id} was never sent`;
  }
  for (const [eventId, id] of deliveryOf) yield `${id} was sent for event ${eventId}, unrecorded`;
}

/** All events in the form of the stream, in the order of their ids. */
export function toldEvents({ calls, news, contracts }: DatabaseRecord): Json[] {
  const contractDocs = new Map(contracts.map(({ id, doc }) => [id, doc]));
  const ofCalls = calls.flatMap((call) =>
    call.events.map((event) => ({
      id: event.id,
      at: new Date(event.at).toISOString(),
      type: event.type,
      actor: event.actor,
      call_id: call.id,
      seq: event.seq,
      contract_id: null,
      data: callData(call, event),
    }))
  );
  const ofContracts = news.map((event) => ({
    id: event.id,
    at: new Date(event.at).toISOString(),
    type: event.type,
    actor: event.actor,
    call_id: null,
    seq: null,
    contract_id: event.contractId,
    data: contractData(event, contractDocs.get(event.contractId) ?? {}),
  }));
  return [...ofCalls, ...ofContracts].sort((one, other) => one.id - other.id);
}

/** The public data of a call's event. */
export function callData({ line, doc }: RecordedCall, { type, data }: RecordedEvent): Json {
  const ends = { line, from: doc["from"], to: doc["to"] };
  if (type === "started") return { ...data, ...ends };
  return type === "ended" ? { ...ends, endedBy: data["by"], reason: data["reason"] } : data;
}

/** The load pays in shillings only. */
const CENTS = 100;

function contractData({ type, at, data }: RecordedContractEvent, doc: Json): Json {
  const parties = (doc["parties"] as { phoneNumber: string; role: unknown; name: unknown }[])
    .map(({ phoneNumber, role, name }) => ({ phone_number: phoneNumber, role, name }));
  const { status, terms, currency, hash: contract_hash } = data;
  const total = data["totalMinorUnits"];
  const total_amount = typeof total === "number" ? total / CENTS : null;
  switch (type) {
    case "contract_created":
      return {
        status,
        created_at: new Date(at).toISOString(),
        expires_at: doc["expiresAt"],
        total_amount,
        currency,
        parties,
        contract_hash,
        contract_type: doc["type"],
        terms,
      };
    case "contract_signed": {
      const signed = Number(data["signed"]);
      const progress = { signed, total: parties.length, complete: signed === parties.length };
      return { status, signed_by: data["signedBy"], progress, contract_hash, parties };
    }
    case "terms_changed":
      return { status, total_amount, currency, parties, contract_hash, terms };
    case "payment_changed": {
      const amount = Number(data["amountMinorUnits"]) / CENTS;
      return { payment_id: data["paymentId"], status, amount, currency, parties };
    }
    default:
      return { status, parties };
  }
}
