/**
 * A store's tables on a database in memory, with control of each commit.
 * @module
 */
import { CallTable } from "../../store/sqlite/tables/call_table.ts";
import type { BatchResult } from "../../store/sqlite/commit.ts";
import { ContractTable } from "../../store/sqlite/tables/contract_table.ts";
import { Database } from "../../store/sqlite/database.ts";
import { migrate } from "../../store/sqlite/schema/migrate.ts";
import type { Job } from "../../store/sqlite/writes/operations.ts";
import { type Committer, LocalCommitter, Writer } from "../../store/sqlite/writer.ts";

/** Commits when the test allows it, and records each batch. */
export class HeldCommitter implements Committer {
  /** The names of the jobs of each batch. */
  readonly batches: string[][] = [];
  closed = false;
  /** The next commits wait for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #inner: Committer;

  constructor(inner: Committer) {
    this.#inner = inner;
  }

  async commit(jobs: readonly Job[]): Promise<BatchResult> {
    this.batches.push(jobs.map(({ name }) => name));
    await this.gate;
    return await this.#inner.commit(jobs);
  }

  close(): Promise<void> {
    this.closed = true;
    return this.#inner.close();
  }
}

/** One writer with its tables. */
export class WriterSetup implements Disposable {
  readonly database: Database = new Database(":memory:");
  readonly committer: HeldCommitter = new HeldCommitter(new LocalCommitter(this.database));
  readonly writer: Writer = new Writer(this.committer);
  readonly calls: CallTable = new CallTable(this.database, this.writer);
  readonly contracts: ContractTable = new ContractTable(this.database, this.writer);

  constructor() {
    migrate(this.database);
  }

  /** Lets the database grow by at most this many pages, as on an almost full disk. */
  fillUp(pagesLeft = 0): void {
    const pages = Number(this.database.get("PRAGMA page_count")!["page_count"]);
    this.database.exec(`PRAGMA max_page_count = ${pages + pagesLeft}`);
  }

  /** Frees space again. */
  makeSpace(): void {
    this.database.exec("PRAGMA max_page_count = 1000000");
  }

  /** Makes the database read-only, or writable again. */
  set readOnly(on: boolean) {
    this.database.exec(`PRAGMA query_only = ${on ? 1 : 0}`);
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}
