/**
 * The stream of all events, and webhooks: every event reaches whoever asked for it.
 * @module
 */
import { streamFaults } from "./check_told.ts";
import type { Json, Logs, ReceiverLog } from "./logs.ts";
import type { TheRecord } from "./record.ts";

/** What is wrong with streams and deliveries. */
export function* sentFaults(logs: Logs, record: TheRecord): Generator<string> {
  const events = streamed(record);
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

/** Deliveries may come again, under the same id. */
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
function streamed({ calls, news }: TheRecord): Json[] {
  const ofCalls = calls.flatMap(({ id: call_id, events }) =>
    events.map(({ id, at, type, actor, seq, data }) => ({
      id,
      at: new Date(at).toISOString(),
      type,
      actor,
      call_id,
      seq,
      contract_id: null,
      data,
    }))
  );
  const ofContracts = news.map(({ id, at, type, actor, contractId, data }) => ({
    id,
    at: new Date(at).toISOString(),
    type,
    actor,
    call_id: null,
    seq: null,
    contract_id: contractId,
    data,
  }));
  return [...ofCalls, ...ofContracts].sort((one, other) => one.id - other.id);
}
