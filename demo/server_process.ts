/**
 * The server of the demo: a process that can be killed and started again on the same database and
 * ports.
 * @module
 */
import { fileURLToPath } from "node:url";
import { STARTED_BY } from "../starters/watch.ts";
import { linesOf } from "./lines.ts";

/** What every process of the server shares. */
export interface Place {
  /** The folder of its database, the only files that it writes. */
  readonly folder: string;
  /** Two ports; 0 means any free port. */
  readonly ports: readonly number[];
}

/** The server does not start; the message has its last output. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** The first start after a clone may download packages. */
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 5000;
/** An error in its log, or the output of Deno for a process that dies. */
const ERROR = /^\{.*"level":"error"|^error: |panicked at/;

/** One process of the server. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #errors: string[] = [];
  readonly #lastLines: string[] = [];
  readonly #listening = Promise.withResolvers<void>();
  readonly #reading: Promise<unknown>;
  readonly #ports: number[] = [];
  readonly #asked: number;

  private constructor({ folder, ports }: Place) {
    this.#asked = ports.length;
    const settings = {
      HOST: "127.0.0.1",
      PORTS: ports.join(","),
      DATABASE_URL: `sqlite:${folder}/demo.db`,
      APP: pathOf("apps/ivr.ts"),
      LOG_LEVEL: "warn",
      LOG_FORMAT: "json",
      // The server ends with the demo, however that ends.
      [STARTED_BY]: String(Deno.pid),
    };
    // The threads of the store read their own code, and apps are loaded.
    const code = ["store", "calls", "contracts", "events", "webhooks", "phone", "apps"];
    const readable = [folder, ...code.map(pathOf)];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--frozen", "--no-prompt"],
        // The permissions of the start task without those that the demo does not need: no other
        // settings, no .env, no data/, no other hosts.
        ...[`--allow-env=${Object.keys(settings)}`, "--ignore-env", "--allow-net=127.0.0.1"],
        "--allow-sys=getPriority",
        ...[`--allow-read=${listed(readable)}`, `--allow-write=${listed([folder])}`],
        pathOf("main.ts"),
      ],
      env: { ...settings, NO_COLOR: "1" },
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      this.#readStdout(),
      this.#readStderr(),
    ]);
    this.#child.status.then(({ code }) => {
      this.#listening.reject(new CannotStart(`the server ended with ${code}`));
    });
    // Prevents an unhandled rejection when nothing waits for it.
    this.#listening.promise.catch(() => {});
  }

  /**
   * Starts the server and resolves when it serves.
   * @throws {CannotStart} when it ends or takes too long
   */
  static async start(place: Place, signal: AbortSignal): Promise<ServerProcess> {
    const server = new ServerProcess(place);
    const interrupt = () => server.#listening.reject(new CannotStart("interrupted"));
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    const timer = setTimeout(() => {
      server.#listening.reject(new CannotStart(`not ready within ${READY_WITHIN_MS} ms`));
    }, READY_WITHIN_MS);
    try {
      await server.#listening.promise;
      return server;
    } catch (error) {
      await server.kill();
      const said = server.#lastLines.join("\n");
      throw error instanceof CannotStart ? new CannotStart(`${error.message}\n${said}`) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** The ports that it listens on. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The errors in its log. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** Sends SIGKILL: the server has no chance to save anything. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Sends SIGTERM, and SIGKILL when it does not end in time. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#signal("SIGKILL"), STOP_WITHIN_MS);
    await this.#end("SIGTERM");
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #end(signal: Deno.Signal): Promise<void> {
    this.#signal(signal);
    await this.#child.status;
    await this.#reading;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  /** When it serves, it prints its doors; REST is the last of each port. */
  async #readStdout(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      const [, port] = /^REST\s+http:\/\/[^/]+:(\d+)\//.exec(line) ?? [];
      if (port !== undefined) this.#ports.push(Number(port));
      if (this.#ports.length === this.#asked) this.#listening.resolve();
    }
  }

  async #readStderr(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) {
      if (ERROR.test(line)) this.#errors.push(line);
      this.#lastLines.push(line);
      if (this.#lastLines.length > 20) this.#lastLines.shift();
    }
  }
}

function pathOf(name: string): string {
  return `${ROOT}${name}`;
}

/** Paths as the value of a permission, which doubles commas. */
function listed(paths: readonly string[]): string {
  return paths.map((path) => path.replaceAll(",", ",,")).join(",");
}
