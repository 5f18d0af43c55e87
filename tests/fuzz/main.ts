/**
 * `deno task fuzz --streams N [--seed S]`: so many streams of frames, to our reader and to that of `ws`.
 * @module
 */
import { parseArgs } from "node:util";
import { compareStreams } from "./websocket_oracle.ts";

const { values } = parseArgs({
  options: { streams: { type: "string", default: "100000" }, seed: { type: "string" } },
});
const streams = Number(values.streams);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
if (!Number.isInteger(streams) || streams < 1 || !Number.isInteger(seed)) {
  console.error("Usage: deno task fuzz --streams N [--seed S]");
  Deno.exit(2);
}
console.log(`seed ${seed}`);
try {
  const { ends, deviations } = compareStreams(streams, seed);
  console.log(`${streams} streams, no difference but by a deviation with a name`);
  for (const [end, count] of Object.entries(ends)) {
    console.log(`${String(count).padStart(9)} ended ${end}`);
  }
  for (const [name, count] of Object.entries(deviations)) {
    console.log(`${String(count).padStart(9)} ${name}`);
  }
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
