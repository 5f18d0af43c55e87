/**
 * A command with all the processes that it starts, which are gone when the test is over.
 * @module
 */
import { within } from "./arrivals.ts";
import { ROOT } from "./process.ts";

/** npm as far as signals go: it has a shell run Deno, and passes a SIGTERM to that shell only. */
const NPM = `trap 'kill -TERM $shell' TERM
sh -c "'$DENO' $*; exit $?" &
shell=$!
wait $shell
`;

/** Settings of a server that leaves nothing behind. */
const QUIET = { NO_COLOR: "1", PORTS: "0", DATABASE_URL: "sqlite::memory:" };

/** npm, a task and a server come up one after the other, on a machine that is busy. */
const DEADLINE_MS = 60_000;

/** A command and all that comes of it. */
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
      // A process group of its own: what is left of it can be killed.
      detached: true,
    }).spawn();
    this.#gone = this.#read();
  }

  /** Runs the arguments of Deno as npx runs them. */
  static async underNpm(folder: string, ...args: string[]): Promise<ProcessTree> {
    await Deno.writeTextFile(`${folder}/npm`, NPM);
    return new ProcessTree("sh", [`${folder}/npm`, ...args]);
  }

  /** What the pattern takes of the next line that it matches, whichever process writes it. */
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

  /** The port of the next server among them that says so. */
  async port(): Promise<number> {
    return Number(await this.next(/^REST .*:(\d+)\//));
  }

  /** Sends a signal to the process that was started first, and to no other. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves when the last process is gone: each has the same stdout. */
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
