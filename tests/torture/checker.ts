/**
 * The checker: the clients' own logs against the record.
 * @module
 */
import { callFaults } from "./check_calls.ts";
import { dealFaults } from "./check_deals.ts";
import { toldFaults } from "./check_told.ts";
import { sentFaults } from "./check_sent.ts";
import type { Logs } from "./logs.ts";
import type { DatabaseRecord } from "./record.ts";

/** Every difference between the record and the clients' logs; empty when there is none. */
export function faultsOf(logs: Logs, record: DatabaseRecord): string[] {
  return [
    ...record.integrity === "ok" ? [] : [`the database file: ${record.integrity}`],
    ...callFaults(logs, record),
    ...toldFaults(logs, record),
    ...dealFaults(logs, record),
    ...sentFaults(logs, record),
  ];
}

/** The counts of acknowledged items by kind, for the output. */
export function acknowledged(logs: Logs): Record<string, number> {
  const { inbound, jambonz, watches, parties, deals, segments, streams, receivers } = logs;
  const requests = deals.flatMap((deal) => deal.requests);
  return {
    "calls answered": inbound.filter(({ answered }) => answered).length,
    "CDRs": inbound.filter(({ cdr, closedWith }) => cdr !== null && closedWith === 1000).length,
    "jambonz calls": jambonz.filter(({ acks }) => acks > 0).length,
    "jambonz hooks": sum(jambonz, ({ hooks }) => hooks.filter((hook) => hook.acknowledged).length),
    "jambonz reconnects": sum(jambonz, ({ reconnects }) => reconnects),
    "told to watchers": sum(watches, ({ told }) => told.length),
    "watchers' resumptions": sum(watches, ({ sockets }) => sockets.length - 1),
    "asks of watchers": sum(watches, ({ asks }) => asks.filter(({ acks }) => acks > 0).length),
    "told to parties": sum(parties, ({ told }) => told.length),
    "parties' resumptions": sum(parties, ({ sockets }) => sockets.length - 1),
    "transcript segments": segments.filter(({ seq }) => seq !== null).length,
    "streamed events": sum(streams, ({ told }) => told.length),
    "streams' resumptions": sum(streams, ({ sockets }) => sockets.length - 1),
    "webhook deliveries": sum(receivers, ({ deliveries }) => deliveries.length),
    "REST writes": requests.filter(({ answers }) => answers.length > 0).length,
  };
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
