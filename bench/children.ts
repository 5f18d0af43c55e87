/**
 * The processes that the bench starts, and ends: no others.
 * @module
 */

/** Servers run on one core and the load on another, so that they take nothing from each other. */
export const SERVER_CORE = 0;
/** Where the load runs. */
export const LOAD_CORE = 1;

/** How a child is started. */
export interface StartOptions {
  readonly core: number;
  readonly env?: Record<string, string>;
  /** Whether its input and output are ours, in place of nobody's. */
  readonly piped?: boolean;
}

/** A process that was started here. */
export interface Child {
  readonly pid: number;
  readonly running: boolean;
  readonly process: Deno.ChildProcess;
  /** Ends it, if it still runs, and resolves when it has. */
  stop(): Promise<void>;
}

const children = new Set<Child>();
const pinned = navigator.hardwareConcurrency > 1 && await hasTaskset();

/** Runs a module of this folder in a Deno of its own. */
export function start(
  module: string,
  args: readonly string[],
  { core, env = {}, piped = false }: StartOptions,
): Child {
  const path = new URL(module, import.meta.url).pathname;
  const deno = [Deno.execPath(), "run", "-A", "--no-prompt", path, ...args];
  const [command = "", ...rest] = pinned ? ["taskset", "-c", String(core), ...deno] : deno;
  const process = new Deno.Command(command, {
    args: rest,
    env,
    // A .env of the working directory is none of the bench's business.
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

/** Ends all that still run. */
export async function stopAll(): Promise<void> {
  await Promise.all([...children].map((child) => child.stop()));
}

/** Whether servers and load have a core each. */
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
