/**
 * Lists the calls in progress for the watchers.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { LiveCall, Load } from "./load.ts";
import { get } from "./rest.ts";

interface CallLog {
  readonly calls: readonly (LiveCall & { readonly state: string })[];
}

/** Updates the list of calls in progress until the run drains. */
export async function lookUpCalls(load: Load, random: SeededRandom): Promise<void> {
  while (!load.draining) {
    const log = await get(load, "/api/v1/calls") as CallLog | undefined;
    load.liveCalls = (log?.calls ?? []).filter(({ state }) => state !== "ended");
    await load.pause(random, 30, 60);
  }
  load.liveCalls = [];
}
