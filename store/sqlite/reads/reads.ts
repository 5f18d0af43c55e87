/**
 * Every read for clients by its name. Inputs and outputs are plain data, so they can be cloned to and
 * from the readers' threads.
 * @module
 */
import { callReads } from "./call_reads.ts";
import { contractReads } from "./contract_reads.ts";
import type { Database } from "../database.ts";
import { eventReads } from "./event_reads.ts";
import { recordReads } from "./record_reads.ts";
import { webhookReads } from "./webhook_reads.ts";

/** One read. It looks at a bounded number of rows. */
// deno-lint-ignore no-explicit-any
export type Read = (database: Database, input: any) => unknown;

/** The reads by their names. */
export const reads = {
  ...callReads,
  ...contractReads,
  ...eventReads,
  ...recordReads,
  ...webhookReads,
};

/** The names of the reads. */
export type ReadName = keyof typeof reads;
/** The input of a read. */
export type ReadInput<Name extends ReadName> = Parameters<(typeof reads)[Name]>[1];
/** The output of a read. */
export type ReadOutput<Name extends ReadName> = ReturnType<(typeof reads)[Name]>;
