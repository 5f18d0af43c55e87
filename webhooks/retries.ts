/**
 * Decides what follows an attempt: when to try again, or that it is over.
 * @module
 */
import type { Answer } from "./http_client.ts";
import type { Delivery, DeliveryState } from "./webhook.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The delays between attempts: about a day in all. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  1 * HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  8 * HOUR_MS,
];

/** The longest wait that a receiver can ask for. */
export const RETRY_AFTER_LIMIT_MS = 24 * HOUR_MS;

/** Spreads retries, so deliveries that failed together do not return together. */
const JITTER = 0.2;

const GONE = 410;

/** What follows an attempt. */
export interface NextStep {
  readonly state: DeliveryState;
  readonly dueAt: Date | null;
  /** The receiver wants no more deliveries. */
  readonly gone: boolean;
}

/** Decides what follows an attempt. `chance` is a random number from 0 to 1. */
export function afterAttempt(
  { status, error, retryAfter }: Answer,
  { failures }: Pick<Delivery, "failures">,
  delaysMs: readonly number[],
  now: Date,
  chance: number,
): NextStep {
  if (error === null) return { state: "delivered", dueAt: null, gone: false };
  const delayMs = delaysMs[failures];
  const gone = status === GONE;
  if (gone || delayMs === undefined) return { state: "dead", dueAt: null, gone };
  const jitteredMs = delayMs * (1 - JITTER + 2 * JITTER * chance);
  const waitMs = Math.max(jitteredMs, retryAfterMs(retryAfter, now));
  return { state: "waiting", dueAt: new Date(now.getTime() + Math.round(waitMs)), gone };
}

/** Reads `Retry-After`, in seconds or as a date; 0 when it is missing or unreadable. */
export function retryAfterMs(header: string | null, now: Date): number {
  if (header === null) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), RETRY_AFTER_LIMIT_MS);
}
