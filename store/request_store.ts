/**
 * Where HTTP requests under idempotency keys are persisted, with the answers that repetitions get.
 * @module
 */

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
