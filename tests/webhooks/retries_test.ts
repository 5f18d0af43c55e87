/** The decision after an attempt. */
import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../../webhooks/http_client.ts";
import {
  afterAttempt,
  RETRY_AFTER_LIMIT_MS,
  RETRY_DELAYS_MS,
  retryAfterMs,
} from "../../webhooks/retries.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const HOUR_MS = 3_600_000;

function answer(status: number | null, retryAfter: string | null = null): Answer {
  const error = status === 200 ? null : "failed";
  return { status, error, excerpt: null, retryAfter };
}

function waitMs(failures: number, chance: number, retryAfter: string | null = null): number {
  const { dueAt } = afterAttempt(
    answer(503, retryAfter),
    { failures },
    RETRY_DELAYS_MS,
    NOW,
    chance,
  );
  return dueAt!.getTime() - NOW.getTime();
}

Deno.test("afterAttempt() jitters growing delays by a fifth, about a day in total", () => {
  assertEquals(RETRY_DELAYS_MS, RETRY_DELAYS_MS.toSorted((one, other) => one - other));
  const sumMs = RETRY_DELAYS_MS.reduce((sum, ms) => sum + ms);
  assert(sumMs > 20 * HOUR_MS && sumMs < 28 * HOUR_MS);
  assertEquals([waitMs(0, 0), waitMs(0, 0.5), waitMs(0, 1)], [4000, 5000, 6000]);
  assertEquals(waitMs(9, 0.5), 8 * HOUR_MS);
});

Deno.test("afterAttempt() ends with a success, the last failure, or 410", () => {
  const verdict = (status: number | null, failures: number) =>
    afterAttempt(answer(status), { failures }, RETRY_DELAYS_MS, NOW, 0.5);
  assertEquals(verdict(200, 3), { state: "delivered", dueAt: null, gone: false });
  assertEquals(verdict(null, 9).state, "waiting");
  assertEquals(verdict(null, 10), { state: "dead", dueAt: null, gone: false });
  assertEquals(verdict(410, 0), { state: "dead", dueAt: null, gone: true });
});

Deno.test("afterAttempt() waits as long as Retry-After asks, in seconds or until a date, at most a day", () => {
  assertEquals(retryAfterMs("120", NOW), 120_000);
  assertEquals(retryAfterMs("Sat, 21 Nov 2026 12:01:00 GMT", NOW), 60_000);
  assertEquals(retryAfterMs("Sat, 21 Nov 2026 11:00:00 GMT", NOW), 0);
  for (const nothing of [null, "", "soon", "-5", "1.5h"]) {
    assertEquals(retryAfterMs(nothing, NOW), 0);
  }
  for (const long of ["999999999999999999999", "Fri, 01 Jan 2100 00:00:00 GMT"]) {
    assertEquals(retryAfterMs(long, NOW), RETRY_AFTER_LIMIT_MS);
  }
  assertEquals(waitMs(0, 0.5, "120"), 120_000);
  assertEquals(waitMs(5, 0.5, "1"), HOUR_MS);
});
