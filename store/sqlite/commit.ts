/**
 * Group commit: jobs that arrive together share one transaction, and so one wait for the disk.
 * @module
 */
import { WrongDatabase } from "../errors.ts";
import type { Database } from "./database.ts";
import { type Job, type JobResult, type Operation, operations } from "./writes/operations.ts";

/** The outcome of a batch: each job's result, or why none of it was persisted. */
export type BatchResult =
  | { readonly persisted: true; readonly results: readonly JobResult[] }
  | { readonly persisted: false; readonly why: string };

/** Runs jobs in one transaction. A failed job rolls back its own writes only. */
export function commitBatch(database: Database, jobs: readonly Job[]): BatchResult {
  try {
    // Jobs hardly ever fail, and a savepoint for each costs as much as the job.
    return commit(database, () => jobs.map((job) => ({ done: true, output: run(database, job) })));
  } catch (error) {
    if (isDiskFault(error)) return { persisted: false, why: messageOf(error) };
  }
  try {
    return commit(database, () => jobs.map((job) => runAlone(database, job)));
  } catch (error) {
    return { persisted: false, why: messageOf(error) };
  }
}

function commit(database: Database, results: () => readonly JobResult[]): BatchResult {
  try {
    database.exec("BEGIN IMMEDIATE");
    const batch = { persisted: true, results: results() } as const;
    database.exec("COMMIT");
    return batch;
  } catch (error) {
    database.memory.clear();
    rollBack(database);
    throw error;
  }
}

/** Runs a job in the transaction. */
function run(database: Database, { name, input }: Job): unknown {
  const output = (operations[name] as Operation)(database, input);
  // A full disk may have rolled back the transaction, with the writes of earlier jobs.
  if (!database.inTransaction) throw new Error("the transaction was rolled back");
  return output;
}

/** Runs a job that can be rolled back alone. */
function runAlone(database: Database, job: Job): JobResult {
  database.exec("SAVEPOINT job");
  try {
    const output = run(database, job);
    database.exec("RELEASE job");
    return { done: true, output };
  } catch (error) {
    if (!database.inTransaction || isDiskFault(error)) throw error;
    database.exec("ROLLBACK TO job; RELEASE job");
    database.memory.clear();
    return { done: false, why: messageOf(error) };
  }
}

/** Read-only, I/O error, full, cannot open: nothing of the batch can be persisted. */
const DISK_FAULTS: ReadonlySet<number> = new Set([8, 10, 13, 14]);

function isDiskFault(error: unknown): boolean {
  if (error instanceof WrongDatabase) return true;
  const code = (error as { errcode?: number } | null)?.errcode;
  return typeof code === "number" && DISK_FAULTS.has(code & 0xff);
}

function rollBack(database: Database): void {
  try {
    if (database.inTransaction) database.exec("ROLLBACK");
  } catch {
    // The next BEGIN tells whether the database is usable.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
