/**
 * Requests under idempotency keys, and the answers that their repetitions get.
 * @module
 */
import type { Writer } from "./writer.ts";

/** An HTTP answer as it is kept. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that holds a key. */
export interface KeyedRequest {
  /** Of the method, the path and the body: another one is another request. */
  readonly fingerprint: string;
  /** Names what the request does in the records that it writes. */
  readonly operation: string;
  /** Null while it is being worked on, or when the server died meanwhile. */
  readonly answer: StoredAnswer | null;
}

/** Keeps requests under idempotency keys. */
export interface RequestStore {
  /** Takes a key, or gives the request that has it; resolves when it is on disk. */
  open(key: string, fingerprint: string, operation: string, at: Date): Promise<KeyedRequest>;
  /** Keeps the answer. */
  answer(key: string, answer: StoredAnswer): Promise<void>;
  /** Forgets at most `limit` requests from before this time, oldest first; resolves with their number. */
  forget(before: Date, limit: number): Promise<number>;
}

/** Requests in SQLite. */
export class RequestTable implements RequestStore {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  async open(
    key: string,
    fingerprint: string,
    operation: string,
    at: Date,
  ): Promise<KeyedRequest> {
    const input = { key, fingerprint, operation, at: at.getTime() };
    const doc = await this.#writer.write("openRequest", input);
    return { ...doc, answer: doc.answer === null ? null : JSON.parse(doc.answer) };
  }

  answer(key: string, answer: StoredAnswer): Promise<void> {
    return this.#writer.write("answerRequest", { key, answer: JSON.stringify(answer) });
  }

  forget(before: Date, limit: number): Promise<number> {
    return this.#writer.write("forgetRequests", { before: before.getTime(), limit });
  }
}
