/**
 * The server in its own process, started as by an operator.
 * @module
 */
import { Arrivals, within } from "./arrivals.ts";
import { TEST_SETTINGS } from "./server.ts";

/** The repository's root. */
export const ROOT = new URL("../../", import.meta.url);
const MAIN = new URL("main.ts", ROOT).pathname;
/** The variables that Deno needs; the process gets no others. */
const PASSED_ON = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];

/** How a process is started. */
export interface ProcessOptions {
  /** Flags and the module after `deno run`; `-A main.ts` by default. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string | URL;
  /** How many files it may have open; as many as we may by default. */
  readonly openFiles?: number;
}

/** A command may check types and load packages on a busy machine. */
const COMMAND_MS = 120_000;

/** Runs a command to its end, and kills it at the deadline. */
export async function outputOf(
  command: string,
  options: Deno.CommandOptions,
  deadlineMs: number = COMMAND_MS,
): Promise<Deno.CommandOutput> {
  const giveUp = new AbortController();
  const running = new Deno.Command(command, { ...options, signal: giveUp.signal }).output();
  const told = () => `${command} ${options.args?.join(" ")} goes on`;
  try {
    return await within(running, told, deadlineMs);
  } catch (error) {
    giveUp.abort();
    throw error;
  }
}

/** One process, killed after the test. */
export class ServerProcess implements AsyncDisposable {
  /** Its lines on stdout and stderr. */
  readonly stdout: Arrivals<string> = new Arrivals();
  readonly stderr: Arrivals<string> = new Arrivals();
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;

  constructor({ args = ["-A", MAIN], env = {}, cwd = ROOT, openFiles }: ProcessOptions = {}) {
    const ours = PASSED_ON.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
    const limited = ["-c", `ulimit -n ${openFiles} && exec "$0" "$@"`, Deno.execPath()];
    this.#child = new Deno.Command(openFiles === undefined ? Deno.execPath() : "sh", {
      args: [...openFiles === undefined ? [] : limited, "run", ...args],
      cwd,
      clearEnv: true,
      env: {
        ...Object.fromEntries(ours),
        NO_COLOR: "1",
        ...TEST_SETTINGS,
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#read = Promise.all([
      readLines(this.#child.stdout, this.stdout),
      readLines(this.#child.stderr, this.stderr),
    ]);
  }

  /** The ports that it prints when it serves. */
  async ports(count = 1): Promise<number[]> {
    const ports: number[] = [];
    while (ports.length < count) {
      const line = await this.stdout.next((line) => line.startsWith("REST "));
      ports.push(Number(new URL(line.split(/\s+/)[1]!).port));
    }
    return ports;
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit code. */
  async exitCode(): Promise<number> {
    const { code } = await within(
      this.#child.status,
      () => `it goes on; its stderr is ${Deno.inspect(this.stderr.all)}`,
    );
    await this.#outputEnded();
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await within(this.#child.status, () => "the process does not die of a SIGKILL");
    await this.#outputEnded();
  }

  async #outputEnded(): Promise<void> {
    await within(this.#read, () => "somebody else has its output open");
  }
}

/** Reads a process's output line by line, to its end. */
export async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  lines: Arrivals<string>,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const complete = (rest + text).split("\n");
    rest = complete.pop()!;
    for (const line of complete) lines.push(line);
  }
  if (rest !== "") lines.push(rest);
  lines.end("the process has ended");
}
