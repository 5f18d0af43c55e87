/**
 * The regular chores of a running server.
 * @module
 */
import type { Services } from "../routes/services.ts";
import type { IdempotentAnswers } from "../http/idempotency.ts";

/** Contracts that nobody touches expire this late at most. */
const EXPIRE_EVERY_MS = 60_000;

/** Idempotency keys are kept at most this much longer than they must be. */
const FORGET_EVERY_MS = 10 * 60_000;

/** Does the chores until it is disposed of. */
export function keepHouse({ contracts, failed }: Services, repeats: IdempotentAnswers): Disposable {
  const timers = [
    setInterval(() => void contracts.expireOverdue().catch(failed), EXPIRE_EVERY_MS),
    setInterval(() => void repeats.forget().catch(failed), FORGET_EVERY_MS),
  ];
  // Keys may have become old while the server was down.
  repeats.forget().catch(failed);
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
