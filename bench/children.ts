/**
 * The processes that the bench starts and ends.
 * @module
 */

/** Servers run on this core, the load on the other: neither takes CPU time from the other. */
export const SERVER_CORE = 0;
/** The core of the load. */
export const LOAD_CORE = 1;

/** How a child is started. */
export interface StartOptions {
  /** The CPU core it is pinned to; null for all. */
  readonly core: number | null;
  readonly env?: Record<string, string>;
  /** Flags of `deno run`. */
  readonly flags?: readonly string[];
  /** Whether we read its output and write its input; otherwise both are /dev/null. */
  readonly piped?: boolean;
}

/** A process that the bench started. */
export interface Child {
  readonly pid: number;
  readonly running: boolean;
  readonly process: Deno.ChildProcess;
  /** Kills the process if it still runs. Resolves when it has ended. */
  stop(): Promise<void>;
}

const children = new Set<Child>();
let over = false;
const pinned = navigator.hardwareConcurrency > 1 && await hasTaskset();

/**
 * Runs a module of this folder in a new Deno process.
 * @throws {Error} after `stopAll`
 */
export function start(
  module: string,
  args: readonly string[],
  { core, env = {}, flags = [], piped = false }: StartOptions,
): Child {
  if (over) throw new Error(`Cannot start ${module}: the bench is over`);
  const path = new URL(module, import.meta.url).pathname;
  const deno = [Deno.execPath(), "run", "-A", "--no-prompt", ...flags, path, ...args];
  const isPinned = pinned && core !== null;
  const [command = "", ...rest] = isPinned ? ["taskset", "-c", String(core), ...deno] : deno;
  const process = new Deno.Command(command, {
    args: rest,
    env,
    // Keeps a .env of the working directory out.
    cwd: new URL(".", import.meta.url),
    stdin: piped ? "piped" : "null",
    stdout: piped ? "piped" : "null",
    stderr: piped ? "inherit" : "null",
  }).spawn();
  let running = true;
  const child: Child = {
    pid: process.pid,
    process,
    get running() {
      return running;
    },
    async stop() {
      if (running) process.kill("SIGKILL");
      await process.status;
    },
  };
  children.add(child);
  process.status.then(() => {
    running = false;
    children.delete(child);
  });
  return child;
}

/** Kills all processes; none can be started afterwards. */
export async function stopAll(): Promise<void> {
  over = true;
  await Promise.all([...children].map((child) => child.stop()));
}

/** Whether servers and load run on separate cores. */
export function isPinned(): boolean {
  return pinned;
}

async function hasTaskset(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("taskset", { args: ["-c", "0", "true"] }).output();
    return success;
  } catch {
    return false;
  }
}
