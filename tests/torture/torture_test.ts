/** The torture test: everything acknowledged survives `kill -9` at any moment. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { torture } from "./run.ts";

const KILLS = 30;
const FAULTS_SHOWN = 20;

Deno.test("nothing acknowledged is lost when the server is killed 30 times under load", async () => {
  const seed = Number(Deno.env.get("TORTURE_SEED") ?? Math.floor(Math.random() * 1e9));
  console.log(`TORTURE_SEED=${seed}`);
  const { kills, faults, acknowledged } = await torture({ kills: KILLS, seed });
  assertEquals(faults.slice(0, FAULTS_SHOWN), [], `seed ${seed}: ${faults.length} faults`);
  assertEquals(kills, KILLS);
  // An empty run proves nothing.
  for (const [what, count] of Object.entries(acknowledged)) assertGreaterOrEqual(count, 10, what);
});
