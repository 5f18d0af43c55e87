/**
 * Detects that a process which started this one is gone. A package runner such as `npx` and its shell
 * forward no signal: a SIGTERM ends them, and the server would keep running alone.
 * @module
 */
import { getPriority } from "node:os";

/** The variable with the ids of the processes that must live, comma separated. */
export const STARTED_BY = "STARTED_BY";

const LOOK_EVERY_MS = 200;

/** Whether a task started this process and set `STARTED_BY`. */
export function hasStarters(): boolean {
  return named().length > 0;
}

/**
 * Resolves when one of the processes in `STARTED_BY` is gone. Never resolves without the variable, as
 * under a supervisor or `nohup`, where the starter may end first.
 */
export async function startersGone(): Promise<void> {
  const pids = named();
  const parent = Deno.ppid;
  const isWatched = pids.includes(parent);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (pids.length === 0) return await promise;
  const timer = setInterval(() => {
    // A dead parent keeps its id until it is reaped, but its orphan gets another parent at once.
    if (pids.every(isThere) && !(isWatched && Deno.ppid !== parent)) return;
    clearInterval(timer);
    resolve();
  }, LOOK_EVERY_MS);
  Deno.unrefTimer(timer);
  await promise;
}

function named(): number[] {
  // Reading without the permission would make Deno prompt at the terminal.
  const { state } = Deno.permissions.querySync({ name: "env", variable: STARTED_BY });
  if (state !== "granted") return [];
  return (Deno.env.get(STARTED_BY) ?? "").split(",").filter((pid) => /^\d+$/.test(pid)).map(Number);
}

/** True also when the process may not be queried: no reason to stop. */
function isThere(pid: number): boolean {
  try {
    getPriority(pid);
    return true;
  } catch (error) {
    return (error as { info?: { code?: string } }).info?.code !== "ESRCH";
  }
}
