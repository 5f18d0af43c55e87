/**
 * Writes into a database until it is killed, and prints each number when it is durable.
 * @module
 */
import { openSqlite } from "../../store/sqlite/open.ts";
import { note, sampleCall, START, STARTED } from "./store_samples.ts";

const { calls } = await openSqlite(Deno.args[0]!);
const encoder = new TextEncoder();

async function write(callId: string): Promise<void> {
  await calls.begin(sampleCall(callId), STARTED, START);
  for (let count = 0;; count++) {
    const { event } = await calls.append(callId, note(`${count}`), START);
    Deno.stdout.writeSync(encoder.encode(`${callId} ${event.seq} ${count}\n`));
  }
}

await Promise.all(["a", "b", "c", "d", "e", "f", "g", "h"].map(write));
