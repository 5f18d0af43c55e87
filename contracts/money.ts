/**
 * Amounts of money: numbers or decimal texts in the major unit outside (150.1 KES), whole minor units
 * inside (15010), so no sum depends on binary fractions.
 * @module
 */

/** An amount in the major unit, as a request names it: `150.1`, or `"150.10"`. */
export type Amount = number | string;

/** A decimal text: digits, with a point and more digits if any; no sign, exponent or separator. */
export const DECIMAL_AMOUNT = /^\d{1,32}(\.\d{1,32})?$/;

/** The message for an invalid amount. */
export const NOT_AN_AMOUNT = 'must be a number of zero or more, or one as text: "2500.50"';

/** Up to fifteen digits, doubles and decimal notations correspond one to one. */
const MAX_MINOR_UNITS = 999_999_999_999_999;

/** Every accepted currency. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf("currency");

const known: ReadonlySet<string> = new Set(CURRENCIES);
const decimalsOf = new Map<string, number>();

/** Whether a code names a currency of ISO 4217, in capitals: `KES`. */
export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** How many decimals a currency has: 2 for KES, 0 for UGX, 3 for BHD. */
export function currencyDecimals(currency: string): number {
  const cached = decimalsOf.get(currency);
  if (cached !== undefined) return cached;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  decimalsOf.set(currency, digits);
  return digits;
}

/** Why an amount in the major unit is invalid in a currency; undefined if it is valid. */
export function amountFault(amount: Amount, currency: string): string | undefined {
  const read = readAmount(amount, currency);
  return typeof read === "string" ? read : undefined;
}

/**
 * Turns an amount in the major unit into minor units, exactly.
 * @throws {RangeError} if `amountFault` finds a fault
 */
export function toMinorUnits(amount: Amount, currency: string): number {
  const read = readAmount(amount, currency);
  if (typeof read === "string") throw new RangeError(read);
  return read;
}

/** Turns minor units into the amount in the major unit, for JSON. */
export function toMajorUnits(minorUnits: number, currency: string): number {
  return minorUnits / 10 ** currencyDecimals(currency);
}

/** Whether a value is an amount in some currency. */
export function isAmount(value: unknown): value is Amount {
  return typeof value === "string"
    ? DECIMAL_AMOUNT.test(value)
    : typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Reads the decimal notation: multiplying would make 150.1 × 100 into 15009.999…8. */
function readAmount(amount: Amount, currency: string): number | string {
  const refuse = (why: string) => `Cannot accept an amount of ${amount} ${currency}: ${why}`;
  if (!isCurrency(currency)) return refuse("the currency is unknown");
  if (!isAmount(amount)) return refuse(`it ${NOT_AN_AMOUNT}`);
  const decimals = currencyDecimals(currency);
  const notation = String(amount);
  // From 1e21 and below a millionth, the notation of a number has an exponent.
  if (!DECIMAL_AMOUNT.test(notation)) {
    return refuse(Number(amount) < 1 ? tooFine(currency) : TOO_LARGE);
  }
  const [whole = "", fraction = ""] = notation.split(".");
  // Extra zeros are harmless: 2500.00 UGX are 2500.
  if (!/^0*$/.test(fraction.slice(decimals))) return refuse(tooFine(currency));
  const minorUnits = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return minorUnits > MAX_MINOR_UNITS ? refuse(TOO_LARGE) : Number(minorUnits);
}

const TOO_LARGE = "it has more than 15 digits";

function tooFine(currency: string): string {
  return `${currency} has ${currencyDecimals(currency)} decimals`;
}
