/**
 * `deno task torture --kills N [--seed S]`: as many kills as asked.
 * @module
 */
import { parseArgs } from "node:util";
import { startersGone } from "../../starters/watch.ts";
import { torture } from "./run.ts";

const FAULTS_SHOWN = 40;
/** The exit code of a process ended by SIGTERM. */
const GONE = 143;

const { values } = parseArgs({
  options: { kills: { type: "string", default: "100" }, seed: { type: "string" } },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.error("Usage: deno task torture --kills N [--seed S]");
  Deno.exit(2);
}
startersGone().then(() => Deno.exit(GONE));
console.log(`seed ${seed}`);
const outcome = await torture({ kills, seed, say: console.log });
console.log(
  `${outcome.kills} kills, ${outcome.recordedEvents} events in the record; acknowledged:`,
);
for (const [what, count] of Object.entries(outcome.acknowledged)) {
  console.log(`${String(count).padStart(9)} ${what}`);
}
for (const fault of outcome.faults.slice(0, FAULTS_SHOWN)) console.log(`FAULT ${fault}`);
console.log(`${outcome.faults.length} faults`);
Deno.exit(outcome.faults.length === 0 ? 0 : 1);
