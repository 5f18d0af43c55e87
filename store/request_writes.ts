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
    database.run(
      "INSERT OR IGNORE INTO requests (key, fingerprint, operation, at) VALUES (?, ?, ?, ?)",
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

  /** Forgets requests from before this time. */
  forgetRequests(database: Database, { before }: { before: number }): void {
    database.run("DELETE FROM requests WHERE at < ?", before);
  },
};
