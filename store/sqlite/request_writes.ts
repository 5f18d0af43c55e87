/**
 * Writing which requests have been made under an idempotency key.
 * @module
 */
import type { Database } from "./database.ts";

/** A request under a key, as it is kept. */
export interface RequestDoc {
  readonly fingerprint: string;
  readonly operation: string;
  /** The answer as JSON text; null while the request is being worked on. */
  readonly answer: string | null;
}

/** The writes of requests. */
export const requestWrites = {
  /** Takes a key for a request, or gives the request that has it. */
  openRequest(
    database: Database,
    input: { key: string; fingerprint: string; operation: string; at: number },
  ): RequestDoc {
    const { key, fingerprint, operation, at } = input;
    // A request that is taken up again, after a crash, is as young as one that begins.
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

  /** Keeps the answer that every repetition gets. */
  answerRequest(database: Database, { key, answer }: { key: string; answer: string }): void {
    database.run("UPDATE requests SET answer = ? WHERE key = ? AND answer IS NULL", answer, key);
  },

  /** Forgets at most `limit` requests from before this time, oldest first; returns their number. */
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
