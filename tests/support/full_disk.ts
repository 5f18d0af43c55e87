/**
 * A server in its own process, with a disk that can be full.
 * @module
 */
import { Database } from "../../store/sqlite/database.ts";
import type { Arrivals } from "./arrivals.ts";
import { type DatabaseFile, databaseFile } from "./database_file.ts";
import { ROOT, ServerProcess } from "./process.ts";
import { Site } from "./site.ts";

const CHILD = new URL("tests/support/full_disk_child.ts", ROOT).pathname;

/** One event of a record in the file. */
export interface FileEvent {
  readonly seq: number;
  readonly type: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** The server, and a connection to its database. */
export class FullDisk extends Site implements AsyncDisposable {
  readonly #process: ServerProcess;
  readonly #file: DatabaseFile;

  private constructor(port: number, process: ServerProcess, file: DatabaseFile) {
    super(port);
    this.#process = process;
    this.#file = file;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<FullDisk> {
    const file = await databaseFile();
    const process = new ServerProcess({
      args: ["-A", CHILD],
      env: { ...settings, DATABASE_URL: file.url },
    });
    const [port] = await process.ports();
    return new FullDisk(port!, process, file);
  }

  /** The lines of its log. */
  get log(): Arrivals<string> {
    return this.#process.stderr;
  }

  /** Makes every write fail from now on. */
  async fillUp(): Promise<void> {
    this.#process.kill("SIGUSR1");
    await this.#process.stdout.next((line) => line === "full");
  }

  /** Lets every write succeed from now on. */
  async makeSpace(): Promise<void> {
    this.#process.kill("SIGUSR2");
    await this.#process.stdout.next((line) => line === "space");
  }

  /** The record of a call in the file. */
  record(callId: unknown): FileEvent[] {
    const database = new Database(this.#file.path, { readOnly: true });
    const rows = database.all(
      "SELECT call_seq, type, data FROM events WHERE call_id = ? ORDER BY call_seq",
      String(callId),
    );
    database.close();
    return rows.map(({ call_seq, type, data }) => ({
      seq: Number(call_seq),
      type: String(type),
      data: JSON.parse(String(data)),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#file[Symbol.asyncDispose]();
  }
}
