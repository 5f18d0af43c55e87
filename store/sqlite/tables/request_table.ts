/**
 * Requests under idempotency keys, in SQLite.
 * @module
 */
import type { KeyedRequest, RequestStore, StoredAnswer } from "../../request_store.ts";
import type { Writer } from "../writer.ts";

/** Requests in SQLite. */
export class RequestTable implements RequestStore {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  async open(key: string, fingerprint: string, operation: string, at: Date): Promise<KeyedRequest> {
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
