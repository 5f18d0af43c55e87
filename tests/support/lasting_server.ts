/**
 * A server process that is killed and started again on the same database.
 * @module
 */
import { Database } from "../../store/sqlite/database.ts";
import { type DatabaseFile, databaseFile } from "./database_file.ts";
import { ServerProcess } from "./process.ts";
import { Site } from "./site.ts";

/** One event of a record in the file. */
export interface RecordedEvent {
  readonly seq: number;
  readonly type: string;
  readonly actor: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** The server, on a new port after each start. */
export class LastingServer extends Site implements AsyncDisposable {
  readonly #file: DatabaseFile;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ServerProcess | undefined;

  private constructor(file: DatabaseFile, settings: Readonly<Record<string, string>>) {
    super(0);
    this.#file = file;
    this.#settings = settings;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<LastingServer> {
    const server = new LastingServer(await databaseFile(), settings);
    await server.startAgain();
    return server;
  }

  /** The path of its database. */
  get database(): DatabaseFile {
    return this.#file;
  }

  /** Starts the server on the current database. */
  async startAgain(): Promise<void> {
    const env = { ...this.#settings, DATABASE_URL: this.#file.url };
    this.#process = new ServerProcess({ env });
    const [port] = await this.#process.ports();
    this.port = port!;
  }

  /** Kills the server. */
  async kill(): Promise<void> {
    this.#process!.kill("SIGKILL");
    await this.#process!.exitCode();
  }

  /** Stops the server gracefully. */
  async stop(): Promise<void> {
    this.#process!.kill("SIGTERM");
    await this.#process!.exitCode();
  }

  /** The record of a call in the file. */
  record(callId: unknown): RecordedEvent[] {
    const database = new Database(this.#file.path, { readOnly: true });
    const rows = database.all(
      "SELECT * FROM events WHERE call_id = ? ORDER BY call_seq",
      String(callId),
    );
    database.close();
    return rows.map(({ call_seq, type, actor, data }) => ({
      seq: Number(call_seq),
      type: String(type),
      actor: String(actor),
      data: JSON.parse(String(data)),
    }));
  }

  /** The types of the events of a record. */
  types(callId: unknown): string[] {
    return this.record(callId).map(({ type }) => type);
  }

  /** Changes the file while it is not open. */
  change(sql: string): void {
    const database = new Database(this.#file.path);
    database.exec(sql);
    database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await this.#file[Symbol.asyncDispose]();
  }
}
