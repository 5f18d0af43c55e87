/**
 * Where reads for clients run: in threads of their own, or here for a database in memory.
 * @module
 */
import type { Database } from "./database.ts";
import { type Read, type ReadInput, type ReadName, type ReadOutput, reads } from "./reads/reads.ts";

/** Runs reads by their names. */
export interface Reader {
  /** Runs a read. Rejects with the signal's reason when it is aborted before that. */
  read<Name extends ReadName>(
    name: Name,
    input: ReadInput<Name>,
    signal?: AbortSignal,
  ): Promise<ReadOutput<Name>>;
  /** Rejects what waits, and closes. */
  close(): Promise<void>;
}

/** Reads in this thread: another thread cannot see a database in memory. */
export class LocalReader implements Reader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  // deno-lint-ignore require-await
  async read<Name extends ReadName>(
    name: Name,
    input: ReadInput<Name>,
    signal?: AbortSignal,
  ): Promise<ReadOutput<Name>> {
    signal?.throwIfAborted();
    return (reads[name] as Read)(this.#database, input) as ReadOutput<Name>;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
