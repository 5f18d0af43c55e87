/**
 * Amounts of money: JSON numbers in the major unit outside (150.1 KES), whole minor units inside
 * (15010), so that no sum ever depends on binary fractions.
 * @module
 */

/** Up to fifteen digits a double and its decimal notation are each other's only counterpart. */
const MAX_MINOR_UNITS = 999_999_999_999_999;

/** Every currency that is taken. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf("currency");

const known: ReadonlySet<string> = new Set(CURRENCIES);
const decimals = new Map<string, number>();

/** Whether a code names a currency of ISO 4217, in capitals: `KES`. */
export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** How many decimals a currency has: 2 for KES, 0 for UGX, 3 for BHD. */
export function currencyDecimals(currency: string): number {
  const cached = decimals.get(currency);
  if (cached !== undefined) return cached;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  decimals.set(currency, digits);
  return digits;
}

/** Why an amount in the major unit cannot be taken in a currency; undefined when it can. */
export function amountFault(amount: number, currency: string): string | undefined {
  const read = readAmount(amount, currency);
  return typeof read === "string" ? read : undefined;
}

/**
 * Turns an amount in the major unit into minor units, exactly.
 * @throws {RangeError} where `amountFault` finds a fault
 */
export function toMinorUnits(amount: number, currency: string): number {
  const read = readAmount(amount, currency);
  if (typeof read === "string") throw new RangeError(read);
  return read;
}

/** Turns minor units into the amount in the major unit, for JSON. */
export function toMajorUnits(minorUnits: number, currency: string): number {
  return minorUnits / 10 ** currencyDecimals(currency);
}

/** Reads the decimal notation: multiplying would make 150.1 × 100 into 15009.999…8. */
function readAmount(amount: number, currency: string): number | string {
  const refuse = (why: string) => `Cannot take an amount of ${amount} ${currency}: ${why}`;
  if (!isCurrency(currency)) return refuse("the currency is unknown");
  const digits = currencyDecimals(currency);
  if (!Number.isFinite(amount) || amount < 0) return refuse("it must be zero or more");
  if (amount * 10 ** digits > MAX_MINOR_UNITS) return refuse("it has more than 15 digits");
  const [whole = "", fraction = ""] = String(amount).split(".");
  // Below a millionth the notation is `1e-7`.
  if (fraction.length > digits || whole.includes("e") || fraction.includes("e")) {
    return refuse(`${currency} has ${digits} decimals`);
  }
  return Number(whole + fraction.padEnd(digits, "0"));
}
