/**
 * Binary frames at full speed on one socket after the other, while calls are on.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { binaryFrame, Client } from "../load/client.ts";
import { turn } from "../load/connection.ts";
import type { PacedReport } from "../load/jobs.ts";
import { type Server, startServer } from "../servers.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const CALLS = 50;
/** The pause between two floods. */
const BETWEEN_MS = 500;
const FRAMES_PER_WRITE = 1000;
/** A flood that is not cut off ends on its own. */
const MOST_WRITES = 5000;

/** 50 calls, with and without floods of empty or one-byte frames. */
export const flood: Scenario = {
  title: `Floods of tiny audio frames, one after the other, while ${CALLS} calls go on`,
  async run({ rounds, measureMs }) {
    await using server = await startServer("tipring");
    const [quiet, loud]: PacedReport[][] = [[], []];
    const cutOffMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      quiet!.push(await measurePaced(server, CALLS, measureMs));
      const calls = measurePaced(server, CALLS, measureMs);
      let over = false;
      calls.finally(() => over = true);
      for (let bytes = 0; !over; bytes = 1 - bytes) {
        cutOffMs.push(await floodOnce(server, bytes));
        await sleep(BETWEEN_MS);
      }
      loud!.push(await calls);
    }
    return [
      { measure: "calls' p99 without floods, ms", tipring: quiet!.map(({ p99 }) => p99) },
      { measure: "calls' p99 with floods, ms", tipring: loud!.map(({ p99 }) => p99) },
      { measure: "calls' max with floods, ms", tipring: loud!.map(({ max }) => max) },
      { measure: "lost frames with floods", tipring: loud!.map(({ sent, back }) => sent - back) },
      { measure: "from the first frame to the end of a flood, ms", tipring: cutOffMs },
    ];
  },
};

/** Floods until the server ends the connection; returns how long that took. */
async function floodOnce({ port }: Server, bytes: number): Promise<number> {
  const client = await Client.open({ port, path: "/" });
  const frame = binaryFrame(new Uint8Array(bytes));
  const many = await new Blob(Array(FRAMES_PER_WRITE).fill(frame)).bytes();
  let ended = false;
  client.closed.then(() => ended = true);
  const beganMs = performance.now();
  for (let writes = 0; !ended && writes < MOST_WRITES; writes++) {
    client.send(many);
    do await turn(); while (client.isBehind && !ended);
  }
  const tookMs = performance.now() - beganMs;
  client.abandon();
  return tookMs;
}
