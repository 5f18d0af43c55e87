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
const SWEEP_CALLS_EVERY_MS = 10_000;

/** Idempotency keys outlive their time by this at most. */
const FORGET_EVERY_MS = 10 * 60_000;

/** Tickets outlive their time by this at most. */
const FORGET_TICKETS_EVERY_MS = 60_000;

/** Who is inside leaves this long after its key has ended, at most. */
const END_STAYS_EVERY_MS = 2000;

/** A key's last use is this much older than it is, at most. */
const NOTE_USES_EVERY_MS = 60_000;

/** Runs the jobs until it is disposed. */
export function startPeriodicJobs(
  { access, contracts, tickets, webhooks, failed }: Pick<
    Services,
    "access" | "contracts" | "tickets" | "webhooks" | "failed"
  >,
  repeats: IdempotentAnswers,
  sweep?: CallSweep,
): Disposable {
  const endStays = () => {
    access.sweep();
    webhooks.disableEnded().catch(failed);
  };
  const timers = [
    setInterval(() => void contracts.expireOverdue().catch(failed), EXPIRE_EVERY_MS),
    setInterval(() => sweep?.run(), SWEEP_CALLS_EVERY_MS),
    setInterval(() => void repeats.forget().catch(failed), FORGET_EVERY_MS),
    setInterval(() => void tickets.forget().catch(failed), FORGET_TICKETS_EVERY_MS),
    setInterval(endStays, END_STAYS_EVERY_MS),
    setInterval(() => void access.keys.noteUses().catch(failed), NOTE_USES_EVERY_MS),
  ];
  tickets.forget().catch(failed);
  // Keys of both kinds may have expired while the server was down.
  repeats.forget().catch(failed);
  endStays();
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
