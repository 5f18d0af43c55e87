/**
 * Notices that a process which has started this one is gone, such as `npx` that took a SIGTERM for
 * itself: a package runner and its shell pass no signal on, and what they started would go on
 * without them.
 * @module
 */
import { getPriority } from "node:os";

/** Names the processes that must live for this one to go on: their ids, separated by commas. */
export const STARTED_BY = "STARTED_BY";

const LOOK_EVERY_MS = 200;

/** Whether a task has started this process, and said so. */
export function hasStarters(): boolean {
  return named().length > 0;
}

/**
 * Resolves when one of the processes that `STARTED_BY` names is gone. It never resolves where the
 * variable is not set, as under a supervisor or `nohup`: there the starter may end first.
 */
export async function startersGone(): Promise<void> {
  const pids = named();
  const parent = Deno.ppid;
  const isWatched = pids.includes(parent);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (pids.length === 0) return await promise;
  const timer = setInterval(() => {
    // A dead parent keeps its id until it is reaped, but its orphan has another parent at once.
    if (pids.every(isThere) && !(isWatched && Deno.ppid !== parent)) return;
    clearInterval(timer);
    resolve();
  }, LOOK_EVERY_MS);
  Deno.unrefTimer(timer);
  await promise;
}

function named(): number[] {
  // Asking for what it may not read would make Deno ask the person at the terminal.
  const { state } = Deno.permissions.querySync({ name: "env", variable: STARTED_BY });
  if (state !== "granted") return [];
  return (Deno.env.get(STARTED_BY) ?? "").split(",").filter((pid) => /^\d+$/.test(pid)).map(Number);
}

/** Where this may not be asked it says yes: that is no reason to stop. */
function isThere(pid: number): boolean {
  try {
    getPriority(pid);
    return true;
  } catch (error) {
    return (error as { info?: { code?: string } }).info?.code !== "ESRCH";
  }
}
