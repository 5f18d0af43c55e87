/**
 * The whole server in this process, on a database that outlives it.
 * @module
 */
import { readConfig } from "../../config/config.ts";
import { createLog } from "../../log.ts";
import { type Server, startServer } from "../../server/start.ts";
import { Arrivals, within } from "./arrivals.ts";
import { TEST_SETTINGS } from "./server.ts";
import { Site } from "./site.ts";

/** One line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A server for a test or a part of one. */
export class KeptServer extends Site implements AsyncDisposable {
  #stopped: Promise<void> | undefined;

  private constructor(readonly server: Server, readonly log: Arrivals<LogLine>) {
    super(server.addresses[0]!.port);
  }

  /** Starts the server, on a database in memory unless the settings have another. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<KeptServer> {
    const lines: Arrivals<LogLine> = new Arrivals();
    const log = createLog({
      level: "debug",
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    });
    const config = readConfig({ ...TEST_SETTINGS, ...settings });
    return new KeptServer(await startServer({ config, log }), lines);
  }

  /** Stops it, once. */
  stop(): Promise<void> {
    this.#stopped ??= within(this.server.stop(), () => "the server does not stop");
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
