/**
 * The jobs that a running server does again and again.
 * @module
 */
import type { Services } from "../routes/services.ts";
import type { IdempotentAnswers } from "../http/idempotency.ts";

/** An untouched contract expires this late at most. */
const EXPIRE_EVERY_MS = 60_000;

/** Idempotency keys outlive their time by this at most. */
const FORGET_EVERY_MS = 10 * 60_000;

/** Tickets outlive their time by this at most. */
const FORGET_TICKETS_EVERY_MS = 60_000;

/** Runs the jobs until it is disposed. */
export function startPeriodicJobs(
  { contracts, failed, tickets }: Pick<Services, "contracts" | "failed" | "tickets">,
  repeats: IdempotentAnswers,
): Disposable {
  const timers = [
    setInterval(() => void contracts.expireOverdue().catch(failed), EXPIRE_EVERY_MS),
    setInterval(() => void repeats.forget().catch(failed), FORGET_EVERY_MS),
    setInterval(() => void tickets.forget().catch(failed), FORGET_TICKETS_EVERY_MS),
  ];
  tickets.forget().catch(failed);
  // Keys may have expired while the server was down.
  repeats.forget().catch(failed);
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
