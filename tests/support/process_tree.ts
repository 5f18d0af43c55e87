/**
 * A command with all processes that it starts, killed after the test.
 * @module
 */
import { within } from "./arrivals.ts";
import { ROOT } from "./process.ts";

/** Like npm with signals: a shell runs Deno, and only the shell gets the SIGTERM. */
const NPM = `trap 'kill -TERM $shell' TERM
sh -c "'$DENO' $*; exit $?" &
shell=$!
wait $shell
`;

/** Settings of a server without files. */
const QUIET = { NO_COLOR: "1", PORTS: "0", DATABASE_URL: "sqlite::memory:" };

/** npm, a task and a server start one after the other on a busy machine. */
const DEADLINE_MS = 60_000;

/** A command and its processes. */
export class ProcessTree implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #gone: Promise<void>;
  #taken = 0;
  #wake = () => {};

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      env: { ...QUIET, DENO: Deno.execPath(), STARTED_BY: "", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      // Its own process group, so that the rest of it can be killed.
      detached: true,
    }).spawn();
    this.#gone = this.#read();
  }

  /** Runs Deno with these arguments, as npx does. */
  static async underNpm(folder: string, ...args: string[]): Promise<ProcessTree> {
    await Deno.writeTextFile(`${folder}/npm`, NPM);
    return new ProcessTree("sh", [`${folder}/npm`, ...args]);
  }

  /** The first group of the pattern in the next matching line of any process. */
  async next(pattern: RegExp): Promise<string> {
    const look = () => {
      while (this.#taken < this.#lines.length) {
        const found = pattern.exec(this.#lines[this.#taken++]!);
        if (found !== null) return found[1] ?? "";
      }
      return undefined;
    };
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#wake = () => {
      const found = look();
      if (found !== undefined) resolve(found);
    };
    this.#wake();
    return await this.#within(promise, `${pattern} does not come`);
  }

  /** The port of the next server that prints one. */
  async port(): Promise<number> {
    return Number(await this.next(/^REST .*:(\d+)\//));
  }

  /** Sends a signal to the first process only. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves when the last process has ended: all share one stdout. */
  async gone(): Promise<void> {
    await this.#within(this.#gone, "some of the processes go on");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // None is left.
    }
    await this.#child.status;
    await this.#gone;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const complete = (rest + text).split("\n");
      rest = complete.pop()!;
      this.#lines.push(...complete);
      this.#wake();
    }
  }

  #within<Result>(work: Promise<Result>, why: string): Promise<Result> {
    return within(work, () => `${why}; stdout is ${Deno.inspect(this.#lines)}`, DEADLINE_MS);
  }
}
