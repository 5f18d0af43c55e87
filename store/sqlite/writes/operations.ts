/**
 * Every write of the store by its name. Inputs and outputs are plain data, so they can be cloned to
 * and from the writer's thread.
 * @module
 */
import { callWrites } from "./call_writes.ts";
import { clientKeyWrites } from "./client_key_writes.ts";
import { contractWrites } from "./contract_writes.ts";
import type { Database } from "../database.ts";
import { keyWrites } from "./key_writes.ts";
import { requestWrites } from "./request_writes.ts";
import { ticketWrites } from "./ticket_writes.ts";
import { webhookWrites } from "./webhook_writes.ts";

/** One write. It runs inside a transaction; when it throws, its own changes are rolled back. */
// deno-lint-ignore no-explicit-any
export type Operation = (database: Database, input: any) => unknown;

/** The writes by their names. */
export const operations = {
  ...callWrites,
  ...clientKeyWrites,
  ...contractWrites,
  ...keyWrites,
  ...requestWrites,
  ...ticketWrites,
  ...webhookWrites,
  /** Writes a row to see whether the disk accepts writes. */
  probe(database: Database, { at }: { at: number }): void {
    database.run("UPDATE probe SET at = ? WHERE id = 1", at);
  },
};

/** The names of the writes. */
export type OperationName = keyof typeof operations;
/** The input of a write. */
export type Input<Name extends OperationName> = Parameters<(typeof operations)[Name]>[1];
/** The output of a write. */
export type Output<Name extends OperationName> = ReturnType<(typeof operations)[Name]>;

/** One pending write. */
export interface Job {
  readonly name: OperationName;
  readonly input: unknown;
}

/** The outcome of one write. */
export type JobResult =
  | { readonly done: true; readonly output: unknown }
  | { readonly done: false; readonly why: string };
