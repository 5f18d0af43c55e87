/**
 * The one writer: gathers jobs while a batch is being committed, and commits them next.
 * @module
 */
import { StoreUnavailable } from "../errors.ts";
import { type BatchResult, commitBatch } from "./commit.ts";
import type { Database } from "./database.ts";
import type { Input, Job, OperationName, Output } from "./operations.ts";

/** Commits a batch, here or in another thread. */
export interface Committer {
  commit(jobs: readonly Job[]): Promise<BatchResult>;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** More in one batch would keep the first waiting for long. */
const BATCH_JOBS = 1000;

/** Takes jobs one by one and commits them in batches, in their order. */
export class Writer {
  readonly #committer: Committer;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #fault: string | undefined;
  #takesMore = true;
  /** Is called after each batch that has been kept, when its promises have been resolved. */
  onPersisted: (() => void) | undefined;
  /** Is called with each batch's fault, undefined when it has been kept. */
  onOutcome: ((fault: string | undefined) => void) | undefined;

  constructor(committer: Committer) {
    this.#committer = committer;
  }

  /** Why the last batch was not kept; undefined when it was. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Runs a write; resolves with its output when it is on disk. Writes are kept, and their promises
   * resolve, in the order of these calls.
   * @throws {StoreUnavailable} when nothing could be kept, or the store is closed
   */
  write<Name extends OperationName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
    if (!this.#takesMore) {
      return Promise.reject(new StoreUnavailable(`Cannot keep "${name}": the store is closed`));
    }
    return new Promise<Output<Name>>((resolve, reject) => {
      const done = resolve as (output: unknown) => void;
      this.#waiting.push({ job: { name, input }, resolve: done, reject });
      this.#running ??= this.#run();
    });
  }

  /** Takes no more; resolves when what waits has been committed. */
  async finish(): Promise<void> {
    this.#takesMore = false;
    await this.#running;
  }

  /** Finishes, and closes the connection that writes. The other connections should close before it. */
  async close(): Promise<void> {
    await this.finish();
    await this.#committer.close();
  }

  async #run(): Promise<void> {
    // What comes in the same turn of the event loop goes together.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_JOBS);
      this.#settle(batch, await this.#commit(batch.map(({ job }) => job)));
    }
    this.#running = undefined;
  }

  async #commit(jobs: readonly Job[]): Promise<BatchResult> {
    try {
      return await this.#committer.commit(jobs);
    } catch (error) {
      return { kept: false, why: error instanceof Error ? error.message : String(error) };
    }
  }

  #settle(batch: readonly Waiting[], result: BatchResult): void {
    this.#fault = result.kept ? undefined : result.why;
    this.onOutcome?.(this.#fault);
    for (const [index, { job, resolve, reject }] of batch.entries()) {
      if (!result.kept) {
        reject(new StoreUnavailable(`Cannot keep "${job.name}": ${result.why}`));
        continue;
      }
      const outcome = result.results[index]!;
      if (outcome.done) resolve(outcome.output);
      else reject(new Error(`Cannot do "${job.name}": ${outcome.why}`));
    }
    if (result.kept) this.onPersisted?.();
  }
}

/** Commits in this thread: for a database in memory, which no other thread can see. */
export class LocalCommitter implements Committer {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  commit(jobs: readonly Job[]): Promise<BatchResult> {
    return Promise.resolve(commitBatch(this.#database, jobs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
