/**
 * The one writer: gathers jobs while a batch is committed, and commits them next.
 * @module
 */
import type { Logged } from "../../events/event_log.ts";
import { StoreUnavailable } from "../errors.ts";
import { type BatchResult, commitBatch } from "./commit.ts";
import type { Written } from "./writes/call_writes.ts";
import type { Database } from "./database.ts";
import type { Input, Job, JobResult, OperationName, Output } from "./writes/operations.ts";

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

/** A larger batch would make its first job wait too long. */
const BATCH_JOBS = 1000;

/** Accepts jobs one by one and commits them in batches, in order. */
export class Writer {
  readonly #committer: Committer;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #fault: string | undefined;
  #takesMore = true;
  /** Called after each persisted batch, once its promises are resolved. */
  onPersisted: ((logged?: Logged) => void) | undefined;
  /** Called with each batch's fault; undefined when the batch is persisted. */
  onOutcome: ((fault: string | undefined) => void) | undefined;

  constructor(committer: Committer) {
    this.#committer = committer;
  }

  /** Why the last batch was not persisted; undefined when it was. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Runs a write; resolves with its output when it is on disk. Writes are persisted, and their
   * promises resolve, in the order of these calls.
   * @throws {StoreUnavailable} when nothing could be persisted, or the store is closed
   */
  write<Name extends OperationName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
    if (!this.#takesMore) {
      return Promise.reject(new StoreUnavailable(`Cannot persist "${name}": the store is closed`));
    }
    return new Promise<Output<Name>>((resolve, reject) => {
      const done = resolve as (output: unknown) => void;
      this.#waiting.push({ job: { name, input }, resolve: done, reject });
      this.#running ??= this.#run();
    });
  }

  /** Accepts no more; resolves when what waits has been committed. */
  async finish(): Promise<void> {
    this.#takesMore = false;
    await this.#running;
  }

  /** Finishes, and closes the writing connection. Close the other connections first. */
  async close(): Promise<void> {
    await this.finish();
    await this.#committer.close();
  }

  async #run(): Promise<void> {
    // Jobs of one turn of the event loop share a batch.
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
      return { persisted: false, why: error instanceof Error ? error.message : String(error) };
    }
  }

  #settle(batch: readonly Waiting[], result: BatchResult): void {
    this.#fault = result.persisted ? undefined : result.why;
    this.onOutcome?.(this.#fault);
    for (const [index, { job, resolve, reject }] of batch.entries()) {
      if (!result.persisted) {
        reject(new StoreUnavailable(`Cannot persist "${job.name}": ${result.why}`));
        continue;
      }
      const outcome = result.results[index]!;
      if (outcome.done) resolve(outcome.output);
      else reject(new Error(`Cannot do "${job.name}": ${outcome.why}`));
    }
    if (result.persisted) this.onPersisted?.(loggedBy(batch, result.results));
  }
}

/** The events of a batch whose writes are all of calls, which are most; undefined for others. */
function loggedBy(batch: readonly Waiting[], results: readonly JobResult[]): Logged | undefined {
  const types = new Set<string>();
  const ids: number[] = [];
  for (const [index, { job: { name, input } }] of batch.entries()) {
    const result = results[index]!;
    if (name !== "beginCall" && name !== "appendEvent" || !result.done) return undefined;
    const { id, before } = result.output as Written;
    if (before !== undefined) continue;
    ids.push(id);
    types.add((input as Input<"appendEvent">).event.type);
  }
  const [firstId, lastId] = [ids[0], ids.at(-1)];
  return firstId === undefined || lastId === undefined ? undefined : { firstId, lastId, types };
}

/** Commits in this thread: another thread cannot see a database in memory. */
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
