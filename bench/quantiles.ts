/**
 * Quantiles of measurements.
 * @module
 */

/** Quantiles of round trips, in milliseconds; NaN of none. */
export interface RoundTrips {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The quantiles of round trips in milliseconds. */
export function roundTrips(ms: readonly number[]): RoundTrips {
  const sorted = Float64Array.from(ms).sort();
  return {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    max: quantile(sorted, 1),
  };
}

/** The median; NaN of no numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const upper = quantile(sorted, 0.5);
  return sorted.length % 2 === 0 ? (sorted[sorted.length / 2 - 1]! + upper) / 2 : upper;
}

function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return NaN;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
