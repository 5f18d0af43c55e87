/**
 * The targets of the hot path, and whether they are met: one row each.
 * @module
 */
import { median } from "./quantiles.ts";
import { capacity } from "./scenarios/capacity.ts";
import { echo } from "./scenarios/echo.ts";
import { memory } from "./scenarios/memory.ts";
import { paced } from "./scenarios/paced.ts";
import type { Plan, Scenario } from "./scenarios/scenario.ts";
import { sessions } from "./scenarios/sessions.ts";
import { printCells, type Row } from "./table.ts";

interface Target {
  /** For people: the subject of the target. */
  readonly of: string;
  readonly scenario: Scenario;
  /** The row of the scenario. */
  readonly measure: string;
  /** Whether Tipring's number counts, or its ratio to bare Deno's in the same round. */
  readonly counts: "number" | "ratio";
  readonly bound: "at most" | "at least";
  readonly limit: number;
}

const CPU_PER_FRAME = "server CPU, µs/frame";
const TARGETS: readonly Target[] = [
  target("echo", echo, CPU_PER_FRAME, "ratio", "at most", 1.1),
  target("paced", paced, CPU_PER_FRAME, "ratio", "at most", 1.2),
  target("idle", memory, "notifications, KiB/socket", "number", "at most", 26),
  target("idle", memory, "inbound calls, KiB/socket", "number", "at most", 26),
  target("calls begin", sessions, "session:new → ack/s", "number", "at least", 5000),
  target("capacity", capacity, "calls through the door", "ratio", "at least", 0.9),
  target("capacity", capacity, "calls through apps/echo.ts", "ratio", "at least", 0.85),
  target("idle", memory, "notifications, hardened, KiB/socket", "number", "at most", 16),
  target("idle", memory, "inbound calls, hardened, KiB/socket", "number", "at most", 16),
  target("capacity", capacity, "calls through the door, hardened", "ratio", "at least", 1.2),
  target("capacity", capacity, "calls through apps/echo.ts, hardened", "ratio", "at least", 1.05),
];

function target(
  of: string,
  scenario: Scenario,
  measure: string,
  counts: Target["counts"],
  bound: Target["bound"],
  limit: number,
): Target {
  return { of, scenario, measure, counts, bound, limit };
}

/** Measures all that was promised and prints it as one table. */
export async function printTargets(plan: Plan): Promise<void> {
  const rows = new Map<Scenario, Row[]>();
  for (const { scenario } of TARGETS) {
    if (!rows.has(scenario)) rows.set(scenario, await scenario.run(plan));
  }
  const cells = TARGETS.map((target) => {
    const row = rows.get(target.scenario)!.find(({ measure }) => measure === target.measure)!;
    return cellsOf(target, row);
  });
  printCells("The hot path: targets", [
    ["", "target", "bare Deno", "Tipring", "measured", "holds"],
    ...cells,
  ]);
}

function cellsOf({ of, measure, counts, bound, limit }: Target, { bare, tipring }: Row): string[] {
  // Round by round: changes on the machine affect both.
  const measured = counts === "number"
    ? median(tipring)
    : median(tipring.map((number, round) => number / bare![round]!));
  const holds = bound === "at most" ? measured <= limit : measured >= limit;
  const digits = counts === "number" ? (measured < 100 ? 1 : 0) : 2;
  return [
    `${of}: ${measure}${counts === "number" ? "" : ", × bare"}`,
    `${bound} ${limit}`,
    bare === undefined ? "" : median(bare).toFixed(1),
    median(tipring).toFixed(1),
    measured.toFixed(digits),
    holds ? "yes" : "NO",
  ];
}
