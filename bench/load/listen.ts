/**
 * Clients of the notifications door: they wait for payment updates.
 * @module
 */
import { openSome } from "./call.ts";
import { Client } from "./client.ts";
import type { HeardReport, IdleJob, ListenJob } from "./jobs.ts";

/** Opens the sockets and reports each update when all of them have it. Never resolves. */
export async function runListen(
  { port, clients }: ListenJob,
  begin: () => Promise<void>,
  heard: (report: HeardReport) => void,
): Promise<void> {
  let updates = 0;
  await openSome(clients, async (index) => {
    const client = await Client.open({ port, path: `/api/v1/ws/%2B2547${10_000_000 + index}` });
    client.onText = (text) => {
      if (text.includes("payment_update") && ++updates % clients === 0) {
        heard({ lastAtMs: Date.now() });
      }
    };
  });
  await begin();
  await new Promise(() => {});
}

/** Opens silent sockets and leaves them open. */
export async function runIdle({ port, paths }: IdleJob, begin: () => Promise<void>): Promise<void> {
  await openSome(paths.length, (index) => Client.open({ port, path: paths[index]! }));
  await begin();
}
