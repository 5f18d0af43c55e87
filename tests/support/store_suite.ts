/**
 * The requirements for every store, on any engine.
 * @module
 */
import { callSuite } from "./store_suite_calls.ts";
import { clientKeySuite } from "./store_suite_client_keys.ts";
import { callListSuite } from "./store_suite_call_list.ts";
import { contractSuite } from "./store_suite_contracts.ts";
import { eventSuite } from "./store_suite_events.ts";
import { pageSuite } from "./store_suite_pages.ts";
import { keySuite } from "./store_suite_keys.ts";
import { requestSuite } from "./store_suite_requests.ts";
import { ticketSuite } from "./store_suite_tickets.ts";
import type { OpenStore } from "./store_samples.ts";

/** Declares the tests of the store with this name. */
export function storeSuite(name: string, open: OpenStore): void {
  callSuite(name, open);
  callListSuite(name, open);
  clientKeySuite(name, open);
  contractSuite(name, open);
  eventSuite(name, open);
  pageSuite(name, open);
  keySuite(name, open);
  requestSuite(name, open);
  ticketSuite(name, open);
}
