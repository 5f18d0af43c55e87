/**
 * The pages of clients in SQLite.
 * @module
 */
import type { Pages } from "../../pages.ts";
import type { Reader } from "../reader.ts";

/** Reads pages where the reader runs. */
export function pageTable(reader: Reader): Pages {
  return {
    calls: (page, signal) => reader.read("calls", page, signal),
    record: (page, signal) => reader.read("record", page, signal),
    transcript: (page, signal) => reader.read("transcript", page, signal),
    watched: (page, signal) => reader.read("watched", page, signal),
    receivedCdr: (callId) => reader.read("receivedCdr", callId),
    contracts: (page, signal) => reader.read("contracts", page, signal),
    payments: (page, signal) => reader.read("payments", page, signal),
    deliveries: (page, signal) => reader.read("deliveries", page, signal),
    events: (page, signal) => reader.read("events", page, signal),
    sentEvents: (page, signal) => reader.read("sentEvents", page, signal),
    updates: (page, signal) => reader.read("updates", page, signal),
  };
}
