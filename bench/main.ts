/**
 * Measures Tipring against a bare Deno echo: `deno task bench`, or `deno task bench --quick`, or
 * the names of the scenarios to run.
 * @module
 */
import { printAttacks } from "./attacks/table.ts";
import { isPinned, stopAll } from "./children.ts";
import { machine } from "./cpu.ts";
import { app } from "./scenarios/app.ts";
import { bargeIn } from "./scenarios/barge_in.ts";
import { capacity } from "./scenarios/capacity.ts";
import { broadcast } from "./scenarios/broadcast.ts";
import { echo } from "./scenarios/echo.ts";
import { flood } from "./scenarios/flood.ts";
import { memory } from "./scenarios/memory.ts";
import { reads } from "./scenarios/reads.ts";
import { record } from "./record.ts";
import { overload } from "./scenarios/overload.ts";
import { paced } from "./scenarios/paced.ts";
import type { Plan, Scenario } from "./scenarios/scenario.ts";
import { sessions } from "./scenarios/sessions.ts";
import { tickets } from "./scenarios/tickets.ts";
import { removeDatabases } from "./servers.ts";
import { transports } from "./scenarios/transports.ts";
import { printTable } from "./table.ts";
import { printTargets } from "./targets.ts";
import { startersGone } from "../starters/watch.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  echo,
  paced,
  app,
  "barge-in": bargeIn,
  sessions,
  broadcast,
  memory,
  record,
  reads,
  overload,
  flood,
  capacity,
  transports,
  tickets,
};
/** Not one of them: it measures the targets of several. */
const TARGETS = "targets";
/** Not one of them either: it describes the outcome of each attack. */
const ATTACKS = "attacks";
const FULL: Plan = { rounds: 4, measureMs: 3000 };
const QUICK: Plan = { rounds: 1, measureMs: 1500 };
/** There are many frames: more and shorter rounds show more on a shared machine. */
const OF_TARGETS: Plan = { rounds: 6, measureMs: 1500 };

async function run(args: readonly string[]): Promise<void> {
  const plan = args.includes("--quick") ? QUICK : FULL;
  const names = args.filter((arg) => arg !== "--quick");
  const unknown = names.filter((name, at) =>
    !(name in SCENARIOS) && name !== TARGETS && name !== ATTACKS &&
    !(at === 1 && names[0] === ATTACKS)
  );
  if (unknown.length > 0) {
    console.error(
      `Unknown: ${unknown.join(" ")}. Known: ${
        Object.keys(SCENARIOS).join(" ")
      } ${TARGETS} ${ATTACKS}`,
    );
    await leave(2);
  }
  console.log(machine());
  if (!isPinned()) {
    console.log("Servers and load share cores here: only the CPU times are meaningful.");
  }
  console.log("Medians of the rounds, in brackets the least and the most.");
  if (names.includes(TARGETS)) {
    return await printTargets(args.includes("--quick") ? QUICK : OF_TARGETS);
  }
  if (names[0] === ATTACKS) return await printAttacks(names[1]);
  for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) {
    const scenario = SCENARIOS[name]!;
    printTable(scenario.title, await scenario.run(plan));
  }
}

let leaving = false;

/** Ends all processes. The first exit code counts: an interrupted scenario fails afterwards. */
async function leave(code: number): Promise<never> {
  if (leaving) return await new Promise<never>(() => {});
  leaving = true;
  await stopAll();
  await removeDatabases();
  Deno.exit(code);
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => leave(130));
  }
  startersGone().then(() => leave(143));
  try {
    await run(Deno.args);
  } catch (error) {
    console.error(error);
    await leave(1);
  }
  await leave(0);
}
