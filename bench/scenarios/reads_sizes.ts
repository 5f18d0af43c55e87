/**
 * The amount of data to read.
 * @module
 */

/** Events in the log that is replayed. */
export const EVENTS = 4000;
/** Lines of the long transcript. */
export const LINES = 1_000_000;
/** Contracts in the long list. */
export const CONTRACTS = 100_000;
