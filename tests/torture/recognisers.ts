/**
 * External speech recognisers, which post transcripts of calls over REST.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { SegmentLog } from "./logs.ts";
import { ask } from "./rest.ts";

/** Posts one segment after the other to a call in progress. */
export async function recogniseCalls(load: Load, random: SeededRandom): Promise<void> {
  while (!load.draining) {
    await load.pause(random, 5, 40);
    const call = random.one(load.liveCalls);
    if (call === undefined) continue;
    const log: SegmentLog = {
      callId: call.id,
      text: load.name("segment"),
      seq: null,
      requests: [],
    };
    load.logs.segments.push(log);
    const path = `/api/v1/calls/${call.id}/transcript`;
    const body = { role: "user", text: log.text };
    const posted = await ask(load, random, { method: "POST", path, body }, log.requests) as
      | { segments: { seq: number }[] }
      | undefined;
    log.seq = posted?.segments[0]?.seq ?? null;
  }
}
