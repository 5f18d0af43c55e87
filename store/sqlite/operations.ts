/**
 * Every write of the store by its name. Inputs and outputs are plain data, so that they can be
 * cloned to and from the thread that writes.
 * @module
 */
import { callWrites } from "./call_writes.ts";
import { contractWrites } from "./contract_writes.ts";
import type { Database } from "./database.ts";
import { requestWrites } from "./request_writes.ts";
import { webhookWrites } from "./webhook_writes.ts";

/** One write: it runs inside a transaction and may throw, which takes its own changes back. */
// deno-lint-ignore no-explicit-any
export type Operation = (database: Database, input: any) => unknown;

/** The writes by their names. */
export const operations = {
  ...callWrites,
  ...contractWrites,
  ...requestWrites,
  ...webhookWrites,
  /** Writes a row for nothing but to see whether the disk takes it. */
  probe(database: Database, { at }: { at: number }): void {
    database.run("UPDATE probe SET at = ? WHERE id = 1", at);
  },
};

/** The names of the writes. */
export type OperationName = keyof typeof operations;
/** What a write takes. */
export type Input<Name extends OperationName> = Parameters<(typeof operations)[Name]>[1];
/** What a write gives. */
export type Output<Name extends OperationName> = ReturnType<(typeof operations)[Name]>;

/** One write that is to be made. */
export interface Job {
  readonly name: OperationName;
  readonly input: unknown;
}

/** What came of one write. */
export type JobResult =
  | { readonly done: true; readonly output: unknown }
  | { readonly done: false; readonly why: string };
