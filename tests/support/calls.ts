/**
 * Calls on a store that the test controls.
 * @module
 */
import { Calls } from "../../calls/calls.ts";
import type { NewCall } from "../../calls/call_record.ts";
import { HeldStore } from "./held_store.ts";

/** The new call of these tests. */
export const SEED: NewCall = {
  line: "inbound",
  platformId: "session-1",
  direction: "inbound",
  from: "0712345678",
  to: "5000",
};

/** Calls, their store, their clock in milliseconds, and the failures. */
export function testCalls() {
  const store = new HeldStore();
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  const failures: unknown[] = [];
  const calls = new Calls({
    store,
    now: () => new Date(clock.nowMs),
    defaultCountry: "KE",
    failed: (error) => failures.push(error),
  });
  return { calls, store, clock, failures };
}
