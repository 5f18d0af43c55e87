/** What is read of `deno.json`. */
export interface ProjectConfig {
  /** The tasks by name, each a command or an object with one. */
  tasks?: Record<string, string | { command?: string }>;
  /** The packages by the name under which they are imported. */
  imports?: Record<string, string>;
  /** Everything else. */
  [key: string]: unknown;
}

/** The arguments and the environment that a run of the tests is started with. */
export interface TestCommand {
  /** The arguments to `deno`. */
  args: string[];
  /** The variables set before the command. */
  env: Record<string, string>;
}

/** Options that a run with another configuration and without a lock file cannot keep. */
const LOCKED = /^--(?:frozen|no-lock|lock|config|no-config)(?:=|$)/;

/** The `test` task as a run with the other configuration: the same permissions, the same files. */
export function testCommand(config: ProjectConfig, configPath: string): TestCommand {
  const task = config.tasks?.["test"];
  const command = typeof task === "string" ? task : task?.command;
  if (!command) throw new Error("deno.json has no `test` task to take the arguments from");
  const words = splitWords(command);
  const start = words.findIndex((word, index) => word === "deno" && words[index + 1] === "test");
  if (start < 0) throw new Error(`the \`test\` task does not run \`deno test\`: ${command}`);
  const rest = words.slice(start + 2);
  const end = rest.findIndex((word) => /^(?:&&|\|\|?|;|&)$/.test(word));
  return {
    args: [
      "test",
      `--config=${configPath}`,
      "--no-lock",
      ...(end < 0 ? rest : rest.slice(0, end)).filter((word) => !LOCKED.test(word)),
    ],
    env: Object.fromEntries(words.slice(0, start).flatMap(assignment)),
  };
}

function assignment(word: string): [string, string][] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(word) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

/** Splits at blanks outside of quotes, and takes the quotes off. */
function splitWords(command: string): string[] {
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}
