/**
 * What the server says over HTTP is what is in its database.
 * @module
 */
import { equal } from "@std/assert";
import type { Load } from "./load.ts";
import type { Json } from "./logs.ts";
import type { RecordedCall, TheRecord } from "./record.ts";
import { get } from "./rest.ts";

const AT_ONCE = 20;
const PAGE = 1000;

/** Where the server contradicts its record, or its clients. */
export async function servedFaults(load: Load, record: TheRecord): Promise<string[]> {
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
  for (const { clientId, told } of load.logs.parties) {
    const inbox = await readInbox(load, clientId);
    if (!equal(inbox, told)) {
      faults.push(`the inbox of ${clientId} holds ${inbox.length} updates, not ${told.length}`);
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
  const recorded = events.slice(0, PAGE).map(({ seq, at, type, actor, data }) => ({
    seq,
    at: new Date(at).toISOString(),
    type,
    actor,
    data,
  }));
  return [
    ...same ? [] : [`GET call ${platformId}: ${said(served)}`],
    ...equal(page?.events, recorded) ? [] : [`GET events of ${platformId}: other than recorded`],
  ];
}

async function readInbox(load: Load, clientId: string): Promise<Json[]> {
  const updates: Json[] = [];
  let after = 0;
  while (true) {
    const query = `after=${after}&limit=${PAGE}`;
    const path = `/api/v1/clients/${encodeURIComponent(clientId)}/inbox?${query}`;
    const page = await get(load, path) as { updates: Json[]; after: number } | undefined;
    if (page === undefined || page.updates.length === 0) return updates;
    updates.push(...page.updates);
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
