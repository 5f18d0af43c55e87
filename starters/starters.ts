/**
 * Who has started a task: the process that runs it, and the package runner that fetched Deno for it.
 * @module
 */

/** A process as the system knows it. */
export interface Process {
  readonly parent: number;
  /** Its words, with spaces between them. */
  readonly command: string;
}

/** Looks a process up; resolves with undefined when it is gone or may not be seen. */
export type LookUp = (pid: number) => Promise<Process | undefined>;

/** `npm` names itself by what it does; before that, and elsewhere, its script says who it is. */
const PACKAGE_RUNNER = /^(\S*\/)?(npm|npx)( |$)|^\S+ (-\S+ )*\S*\/(npm|npx)(-cli\.js)?( |$)/;
/** What npm puts between itself and Deno. A shell that leaves a process behind on purpose is none. */
const SHELL = /^\S*sh -c .*[^&\s]\s*$/s;
const NODE_WRAPPER = /^\S*node \S*\/(deno|bin\.cjs)( |$)/;

/**
 * The processes that must all live for the task to go on, nearest first: `task`, which runs it, and
 * everything up to the last package runner above it. What started that runner may end earlier: a
 * shell, a terminal, a script.
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
