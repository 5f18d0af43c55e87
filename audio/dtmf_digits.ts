/**
 * The sixteen DTMF digits (ITU-T Q.23) and their frequencies.
 * @module
 */

/** The digits, row by row of the keypad: low frequency first, high frequency within. */
export const DTMF_DIGITS = [
  ...["1", "2", "3", "A"] as const,
  ...["4", "5", "6", "B"] as const,
  ...["7", "8", "9", "C"] as const,
  ...["*", "0", "#", "D"] as const,
] as const;

/** A DTMF digit, A to D included. */
export type DtmfDigit = typeof DTMF_DIGITS[number];

/** The frequencies of the four rows of the keypad, in Hz. */
export const DTMF_LOW_HZ = [697, 770, 852, 941] as const;

/** The frequencies of the four columns of the keypad, in Hz. */
export const DTMF_HIGH_HZ = [1209, 1336, 1477, 1633] as const;
