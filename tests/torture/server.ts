/**
 * The server that is killed: a process, always on the same port and database.
 * @module
 */
import { STARTED_BY } from "../../starters/watch.ts";

const READY_WITHIN_MS = 15_000;
const POLL_MS = 10;
/**
 * An error in its log, or the output of Deno for a process that dies. Deno also prints warnings of
 * packages.
 */
const ERROR = /^\{.*"level":"error"|^error: |panicked at/;

/** The location shared by all processes of the server. */
export interface ServerLocation {
  readonly port: number;
  /** A database file. */
  readonly database: string;
}

/** A free port. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** One process of the server. */
export class ServerProcess {
  readonly #process: Deno.ChildProcess;
  readonly #location: ServerLocation;
  readonly #output: Promise<string>;
  #ended = false;

  /** Starts the server; `ready` resolves when it listens. */
  constructor(location: ServerLocation) {
    this.#location = location;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-prompt", new URL("../../main.ts", import.meta.url).pathname],
      cwd: new URL("../../", import.meta.url),
      clearEnv: true,
      env: {
        HOME: Deno.env.get("HOME") ?? "/",
        ...(Deno.env.has("DENO_DIR") ? { DENO_DIR: Deno.env.get("DENO_DIR")! } : {}),
        NO_COLOR: "1",
        HOST: "127.0.0.1",
        PORTS: String(location.port),
        DATABASE_URL: `sqlite:${location.database}`,
        LOG_LEVEL: "error",
        LOG_FORMAT: "json",
        INBOUND_DTMF_AFTER_MS: "never",
        INBOUND_HANGUP_AFTER_MS: "never",
        WEBHOOK_ALLOW_PRIVATE: "127.0.0.1",
        JAMBONZ_RECONNECT_WAIT_MS: String(RECONNECT_WAIT_MS),
        // The server ends with the torture test, however that ends.
        [STARTED_BY]: String(Deno.pid),
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#output = new Response(this.#process.stderr).text();
    this.#process.status.then(() => this.#ended = true);
  }

  /**
   * Resolves when it is ready.
   * @throws {Error} with its output, when it takes too long or ends
   */
  async ready(): Promise<void> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    while (!this.#ended && performance.now() < untilMs) {
      if (await this.#isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await this.kill();
    throw new Error(`the server is not ready after ${READY_WITHIN_MS} ms\n${await this.#output}`);
  }

  /** Kills the server and returns its logged errors. */
  async kill(): Promise<string[]> {
    if (!this.#ended) this.#process.kill("SIGKILL");
    await this.#process.status;
    return (await this.#output).split("\n").filter((line) => ERROR.test(line));
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#location.port}/readyz`);
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** How long the server waits for a jambonz call to reconnect. */
export const RECONNECT_WAIT_MS = 2000;
