/**
 * Times of a CDR: ISO 8601 as the document has it, or Unix time in seconds or milliseconds.
 * @module
 */

/** Times from 2001 to 2286, in seconds and in milliseconds: the two ranges do not meet. */
const EARLIEST_SECONDS = 1e9;
const LATEST_SECONDS = 1e10;
const MS_PER_SECOND = 1000;

/** What `Date` may read: a date that begins with its year, or one of RFC 5322. */
const DATED = /^\d{4}-\d\d-\d\d|^[A-Z][a-z]{2}, \d/;

/** Whether this is no time at all: platforms write 0 for a call that was not answered. */
export function isNever(value: unknown): boolean {
  return value === 0 || value === "0";
}

/** A time in ISO 8601, in UTC; null for anything else. */
export function cdrTime(value: unknown): string | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && !Number.isNaN(number)) return ofEpoch(number);
  return typeof value === "string" && DATED.test(value.trim()) ? iso(new Date(value.trim())) : null;
}

function ofEpoch(number: number): string | null {
  for (const unitsPerSecond of [1, MS_PER_SECOND]) {
    const seconds = number / unitsPerSecond;
    if (seconds >= EARLIEST_SECONDS && seconds < LATEST_SECONDS) {
      return iso(new Date(Math.round(seconds * MS_PER_SECOND)));
    }
  }
  return null;
}

function iso(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
