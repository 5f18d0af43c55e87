/**
 * `deno task fuzz`: so many mutated messages to every door of a server (`--messages N`), or so many
 * streams of frames to our reader and to that of `ws` (`--streams N`). `--seed S` repeats a run.
 * @module
 */
import { parseArgs } from "node:util";
import { fuzzMessages } from "./messages.ts";
import { compareStreams } from "./websocket_oracle.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string" },
    streams: { type: "string" },
    seed: { type: "string" },
  },
});
const { messages, streams } = values;
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const count = Number(messages ?? streams ?? 100_000);
const isBoth = messages !== undefined && streams !== undefined;
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed) || isBoth) {
  console.error("Usage: deno task fuzz --messages N | --streams N [--seed S]");
  Deno.exit(2);
}
console.log(`seed ${seed}`);
Deno.exit(streams === undefined ? await sendMessages() : sendStreams());

async function sendMessages(): Promise<number> {
  const { sent, sockets, closes, faults } = await fuzzMessages(count, seed);
  console.log(`${sent} messages on ${sockets} sockets, ${faults.length} faults`);
  print(closes, "closed with");
  for (const fault of faults.slice(0, 8)) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

function sendStreams(): number {
  try {
    const { ends, deviations } = compareStreams(count, seed);
    console.log(`${count} streams, no difference but by a deviation with a name`);
    print(ends, "ended");
    print(deviations, "");
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

function print(counts: Readonly<Record<string, number>>, what: string): void {
  for (const [name, count] of Object.entries(counts)) {
    console.log(`${String(count).padStart(9)} ${what} ${name}`);
  }
}
