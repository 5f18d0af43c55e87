/**
 * Times of a CDR: ISO 8601 as the document has it, or Unix time in seconds or milliseconds.
 * @module
 */

/** Calls between 2001 and 2286 in seconds, and the same in milliseconds: the two cannot be mixed up. */
const EARLIEST_SECONDS = 1e9;
const LATEST_SECONDS = 1e10;
const MS_PER_SECOND = 1000;

/** What `Date` is trusted with: a date that begins with its year, or that of RFC 5322. */
const DATED = /^\d{4}-\d\d-\d\d|^[A-Z][a-z]{2}, \d/;

/** Whether this stands for a time that never was: platforms write 0 for a call that was not answered. */
export function isNever(value: unknown): boolean {
  return value === 0 || value === "0";
}

/** A time in ISO 8601, in UTC; null for what is none. */
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
