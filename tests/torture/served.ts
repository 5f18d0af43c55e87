/**
 * The server's HTTP answers match its database.
 * @module
 */
import { equal } from "@std/assert";
import { callData, toldEvents } from "./check_sent.ts";
import type { Load } from "./load.ts";
import type { Json } from "./logs.ts";
import type { DatabaseRecord, RecordedCall } from "./record.ts";
import { get } from "./rest.ts";

const AT_ONCE = 20;
const PAGE = 1000;

/** The differences between the server's answers, its record and its clients. */
export async function servedFaults(load: Load, record: DatabaseRecord): Promise<string[]> {
  const faults: string[] = [];
  await inBatches(record.calls, async (call) => {
    faults.push(...await callFaults(load, call));
  });
  await inBatches(record.contracts, async ({ id, doc }) => {
    const served = await get(load, `/api/v1/contracts/${id}`);
    if (served?.["status"] !== doc["status"]) faults.push(`GET contract ${id}: ${said(served)}`);
  });
  await inBatches(record.payments, async ({ id, doc }) => {
    const served = await get(load, `/api/v1/payments/${id}`);
    if (served?.["status"] !== doc["status"]) faults.push(`GET payment ${id}: ${said(served)}`);
  });
  const events = toldEvents(record);
  for (const { clientId } of load.logs.parties) {
    const inbox = await readInbox(load, clientId);
    const ids = ofClient(record, clientId);
    const recorded = events.filter(({ id }) => ids.has(Number(id)));
    if (!equal(inbox, recorded)) {
      faults.push(`the inbox of ${clientId} holds ${inbox.length} events, not ${recorded.length}`);
    }
  }
  return faults;
}

async function callFaults(load: Load, call: RecordedCall): Promise<string[]> {
  const { state, events, doc, platformId } = call;
  const path = `/api/v1/calls/${call.id}`;
  const served = await get(load, path);
  const same = served?.["state"] === state && served["lastSeq"] === events.at(-1)?.seq &&
    equal(served["cdr"], doc["cdr"]);
  const page = await get(load, `${path}/events?limit=${PAGE}`) as { events: Json[] } | undefined;
  const recorded = events.slice(0, PAGE).map((event) => ({
    seq: event.seq,
    at: new Date(event.at).toISOString(),
    type: event.type,
    actor: event.actor,
    data: callData(call, event),
  }));
  return [
    ...same ? [] : [`GET call ${platformId}: ${said(served)}`],
    ...equal(page?.events, recorded) ? [] : [`GET events of ${platformId}: other than recorded`],
  ];
}

/** The ids of a client's contract events, and of events for all clients. */
function ofClient({ news, contracts }: DatabaseRecord, clientId: string): Set<number> {
  const mine = new Set(
    contracts.filter(({ doc }) =>
      (doc["parties"] as { phoneNumber: string }[]).some((party) => party.phoneNumber === clientId)
    ).map(({ id }) => id),
  );
  return new Set(
    news.filter(({ toEveryone, contractId }) => toEveryone || mine.has(contractId))
      .map(({ id }) => id),
  );
}

async function readInbox(load: Load, clientId: string): Promise<Json[]> {
  const events: Json[] = [];
  let after = 0;
  while (true) {
    const query = `after=${after}&limit=${PAGE}`;
    const path = `/api/v1/clients/${encodeURIComponent(clientId)}/inbox?${query}`;
    const page = await get(load, path) as { events: Json[]; after: number } | undefined;
    if (page === undefined || page.events.length === 0) return events;
    events.push(...page.events);
    after = page.after;
  }
}

async function inBatches<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(work));
  }
}

function said(served: Json | undefined): string {
  return served === undefined ? "no answer" : JSON.stringify(served);
}
