/**
 * `deno task fuzz --messages N [--seed S]`: so many mutated messages, to every door of a server.
 * @module
 */
import { parseArgs } from "node:util";
import { fuzzMessages } from "./messages.ts";

const { values } = parseArgs({
  options: { messages: { type: "string", default: "100000" }, seed: { type: "string" } },
});
const messages = Number(values.messages);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
if (!Number.isInteger(messages) || messages < 1 || !Number.isInteger(seed)) {
  console.error("Usage: deno task fuzz --messages N [--seed S]");
  Deno.exit(2);
}
console.log(`seed ${seed}`);
const { sent, sockets, closes, faults } = await fuzzMessages(messages, seed);
console.log(`${sent} messages on ${sockets} sockets, ${faults.length} faults`);
for (const [code, count] of Object.entries(closes)) {
  console.log(`${String(count).padStart(9)} closed with ${code}`);
}
for (const fault of faults.slice(0, 8)) console.error(fault);
Deno.exit(faults.length === 0 ? 0 : 1);
