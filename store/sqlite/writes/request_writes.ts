/**
 * Writes the requests that were made under an idempotency key.
 * @module
 */
import type { Database } from "../database.ts";

/** A request under a key, as it is stored. */
export interface RequestDoc {
  readonly fingerprint: string;
  readonly operation: string;
  /** The answer as JSON text; null while the request is being worked on. */
  readonly answer: string | null;
}

/** The writes of requests. */
export const requestWrites = {
  /** Claims a key for a request, or returns the request that has it. */
  openRequest(
    database: Database,
    input: { key: string; fingerprint: string; operation: string; at: number },
  ): RequestDoc {
    const { key, fingerprint, operation, at } = input;
    // A request that is repeated after a crash counts as new.
    database.run(
      `INSERT INTO requests (key, fingerprint, operation, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET at = MAX(at, excluded.at)
         WHERE answer IS NULL AND fingerprint = excluded.fingerprint`,
      key,
      fingerprint,
      operation,
      at,
    );
    const row = database.get("SELECT * FROM requests WHERE key = ?", key)!;
    return {
      fingerprint: String(row["fingerprint"]),
      operation: String(row["operation"]),
      answer: row["answer"] as string | null,
    };
  },

  /** Writes the answer that every repetition gets. */
  answerRequest(database: Database, { key, answer }: { key: string; answer: string }): void {
    database.run("UPDATE requests SET answer = ? WHERE key = ? AND answer IS NULL", answer, key);
  },

  /** Deletes at most `limit` requests from before this time, oldest first. Returns their number. */
  forgetRequests(
    database: Database,
    { before, limit }: { before: number; limit: number },
  ): number {
    return database.run(
      `DELETE FROM requests WHERE key IN
         (SELECT key FROM requests WHERE at < ? ORDER BY at LIMIT ?)`,
      before,
      limit,
    ).changes;
  },
};
