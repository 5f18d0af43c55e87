/**
 * What follows an attempt: when the next one is, or that there is none.
 * @module
 */
import type { Answer } from "./http_client.ts";
import type { Delivery, DeliveryState } from "./webhook.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** From one attempt to the next: about a day in all. */
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

/** However long a receiver asks us to wait, it is not more. */
export const RETRY_AFTER_LIMIT_MS = 24 * HOUR_MS;

/** What failed together must not come back together. */
const JITTER = 0.2;

const GONE = 410;

/** What follows an attempt. */
export interface Verdict {
  readonly state: DeliveryState;
  readonly dueAt: Date | null;
  /** The receiver wants nothing any more. */
  readonly gone: boolean;
}

/** Decides what follows an attempt; `chance` is from 0 to 1. */
export function judge(
  { status, error, retryAfter }: Answer,
  { failures }: Pick<Delivery, "failures">,
  delaysMs: readonly number[],
  now: Date,
  chance: number,
): Verdict {
  if (error === null) return { state: "delivered", dueAt: null, gone: false };
  const delayMs = delaysMs[failures];
  const gone = status === GONE;
  if (gone || delayMs === undefined) return { state: "dead", dueAt: null, gone };
  const jitteredMs = delayMs * (1 - JITTER + 2 * JITTER * chance);
  const waitMs = Math.max(jitteredMs, retryAfterMs(retryAfter, now));
  return { state: "waiting", dueAt: new Date(now.getTime() + Math.round(waitMs)), gone };
}

/** Reads `Retry-After`, seconds or a date; 0 when it says nothing that we understand. */
export function retryAfterMs(header: string | null, now: Date): number {
  if (header === null) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), RETRY_AFTER_LIMIT_MS);
}
