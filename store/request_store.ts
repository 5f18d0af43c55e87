/**
 * Where HTTP requests under idempotency keys are persisted, with the answers that repetitions get.
 * @module
 */

/** An HTTP answer as it is stored. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that holds a key. */
export interface KeyedRequest {
  /** Of the method, the path and the body: it tells one request from another. */
  readonly fingerprint: string;
  /** Names what the request does in the records that it writes. */
  readonly operation: string;
  /** Null while the request runs, or when the server died meanwhile. */
  readonly answer: StoredAnswer | null;
}

/** Stores requests under idempotency keys. Writes reject with `StoreUnavailable`. */
export interface RequestStore {
  /** Claims a key, or returns the request that has it; resolves when it is on disk. */
  open(key: string, fingerprint: string, operation: string, at: Date): Promise<KeyedRequest>;
  /** Stores the answer. */
  answer(key: string, answer: StoredAnswer): Promise<void>;
  /** Deletes at most `limit` requests from before this time, oldest first. Returns their number. */
  forget(before: Date, limit: number): Promise<number>;
}
