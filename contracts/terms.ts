/**
 * The terms of a contract: any JSON object. A few of its members mean something to the book.
 * @module
 */

/** What the parties agree on, as a JSON object. */
export type Terms = Readonly<Record<string, unknown>>;

const DEFAULT_CURRENCY = "KES";

/** Deeper than people write, and far from where walking it would exhaust the stack. */
const MAX_DEPTH = 32;

/** Where a request for a contract names money: `total_amount` is in the major unit. */
export interface Priced {
  readonly total_amount?: number | null | undefined;
  readonly currency?: string | null | undefined;
  readonly terms?: Terms | undefined;
}

/** The money of a request; where it names none itself, what its terms name. */
export function agreedMoney(
  { total_amount, currency, terms = {} }: Priced,
): { totalAmount: number | null; currency: string } {
  const inTerms = terms.total_amount;
  return {
    totalAmount: total_amount ?? (typeof inTerms === "number" ? inTerms : null),
    currency: currency ?? currencyInTerms(terms) ?? DEFAULT_CURRENCY,
  };
}

/** The currency that the terms name, in capitals; it may be none of ISO 4217. */
export function currencyInTerms({ currency }: Terms): string | undefined {
  return typeof currency === "string" ? currency.trim().toUpperCase() : undefined;
}

/** Whether a value is JSON of at most 32 levels: it can then be stored, hashed and sent. */
export function isShallowJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === MAX_DEPTH) return false;
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return false;
  }
  return Object.values(value).every((item) => isShallowJson(item, depth + 1));
}
