/**
 * The jobs that a running server does again and again.
 * @module
 */
import type { Services } from "../routes/services.ts";
import type { IdempotentAnswers } from "../http/idempotency.ts";
import type { CallSweep } from "../calls/call_sweep.ts";

/** An untouched contract expires this late at most. */
const EXPIRE_EVERY_MS = 60_000;

/** A call without a socket or a deadline is ended by the second sweep that finds it. */
const SWEEP_EVERY_MS = 10_000;

/** Idempotency keys outlive their time by this at most. */
const FORGET_EVERY_MS = 10 * 60_000;

/** Runs the jobs until it is disposed. */
export function startPeriodicJobs(
  { contracts, failed }: Pick<Services, "contracts" | "failed">,
  repeats: IdempotentAnswers,
  sweep?: CallSweep,
): Disposable {
  const timers = [
    setInterval(() => void contracts.expireOverdue().catch(failed), EXPIRE_EVERY_MS),
    setInterval(() => sweep?.run(), SWEEP_EVERY_MS),
    setInterval(() => void repeats.forget().catch(failed), FORGET_EVERY_MS),
  ];
  // Keys may have expired while the server was down.
  repeats.forget().catch(failed);
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
