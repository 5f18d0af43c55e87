/**
 * The commands of the tasks in deno.json.
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** The flags, the module and the arguments after `deno run`, as the task has them. */
export function argsOf(task: keyof typeof config.tasks): string[] {
  const [, args] = /(?:^| )deno run ((?:(?!deno run ).)+)$/.exec(config.tasks[task]) ?? [];
  if (args === undefined) throw new Error(`The task ${task} does not end with \`deno run …\``);
  return args.split(" ");
}
