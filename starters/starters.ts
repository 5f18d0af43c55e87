/**
 * Finds the starters of a task: the process that runs it, and the package runner that fetched Deno.
 * @module
 */

/** A process as the system knows it. */
export interface Process {
  readonly parent: number;
  /** The command line. */
  readonly command: string;
}

/** Looks up a process; undefined when it is gone or hidden. */
export type LookUp = (pid: number) => Promise<Process | undefined>;

/** `npm` sets its process title to its command; before that, the path of its script shows it. */
const PACKAGE_RUNNER = /^(\S*\/)?(npm|npx)( |$)|^\S+ (-\S+ )*\S*\/(npm|npx)(-cli\.js)?( |$)/;
/** The shell between npm and Deno; not one that leaves a background process on purpose. */
const SHELL = /^\S*sh -c .*[^&\s]\s*$/s;
const NODE_WRAPPER = /^\S*node \S*\/(deno|bin\.cjs)( |$)/;

/**
 * The processes that must all live for the task to go on, nearest first: `task`, which runs it, and
 * every process up to the topmost package runner. The runner's own starter, such as a shell or a
 * script, may end earlier.
 */
export async function startersOf(task: number, lookUp: LookUp): Promise<number[]> {
  const starters = [task];
  const between: number[] = [];
  let next = (await lookUp(task))?.parent;
  while (next !== undefined) {
    const process = await lookUp(next);
    if (process === undefined) break;
    between.push(next);
    if (PACKAGE_RUNNER.test(process.command)) starters.push(...between.splice(0));
    else if (!SHELL.test(process.command) && !NODE_WRAPPER.test(process.command)) break;
    next = process.parent;
  }
  return starters;
}
